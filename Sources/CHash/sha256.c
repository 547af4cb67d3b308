// SHA-256 whose running state is a plain value that can be saved and resumed.
//
// A hash over all the bytes of an epoch has to be put away between two commits, and the libraries at
// hand give no supported way to write their running state out. So this is ours, and kept small: only
// the compression function exists in a portable and a hardware form; all else is shared.

#include "CHash.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#elif defined(__aarch64__) && defined(__AARCH64EL__) && (defined(__linux__) || defined(__APPLE__))
#define ARM_SHA2 1
#include <arm_neon.h>
#if defined(__linux__)
#include <sys/auxv.h>
#endif
#endif

enum { block_size = 64, saved_head = 40 };

static const uint32_t initial_state[8] = {
  0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
};

// Aligned so that the vector code can read four constants at a time straight from memory.
_Alignas(16) static const uint32_t round_constants[64] = {
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

// MARK: Bytes and words. Shifts mean the same on every machine; compilers make them one instruction.

static inline uint32_t read_be32(const uint8_t *p) {
  return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static inline void write_be32(uint8_t *p, uint32_t word) {
  for (int i = 0; i < 4; i++) p[i] = (uint8_t)(word >> (24 - 8 * i));
}

static inline uint64_t read_le(const uint8_t *p, int size) {
  uint64_t word = 0;
  for (int i = 0; i < size; i++) word |= (uint64_t)p[i] << (8 * i);
  return word;
}

static inline void write_le(uint8_t *p, uint64_t word, int size) {
  for (int i = 0; i < size; i++) p[i] = (uint8_t)(word >> (8 * i));
}

// MARK: Compression, portable.

static inline uint32_t rotate_right(uint32_t x, int n) { return x >> n | x << (32 - n); }

// One round. Instead of moving the eight variables along by one place after each round, the caller
// names them one place further along, so that only `d` and `h` are written.
#define ROUND(a, b, c, d, e, f, g, h, i)                                                  \
  do {                                                                                    \
    uint32_t t = h + (rotate_right(e, 6) ^ rotate_right(e, 11) ^ rotate_right(e, 25)) +   \
                 (g ^ (e & (f ^ g))) + round_constants[i] + w[i];                         \
    d += t;                                                                               \
    h = t + (rotate_right(a, 2) ^ rotate_right(a, 13) ^ rotate_right(a, 22)) +            \
        ((a & b) | (c & (a | b)));                                                        \
  } while (0)

static void compress_portable(uint32_t state[8], const uint8_t *data, size_t blocks) {
  for (; blocks > 0; blocks--, data += block_size) {
    uint32_t w[64];
    for (int i = 0; i < 16; i++) w[i] = read_be32(data + 4 * i);
    for (int i = 16; i < 64; i++) {
      uint32_t near = w[i - 2], far = w[i - 15];
      w[i] = w[i - 16] + w[i - 7] + (rotate_right(near, 17) ^ rotate_right(near, 19) ^ near >> 10) +
             (rotate_right(far, 7) ^ rotate_right(far, 18) ^ far >> 3);
    }

    uint32_t a = state[0], b = state[1], c = state[2], d = state[3];
    uint32_t e = state[4], f = state[5], g = state[6], h = state[7];
    for (int i = 0; i < 64; i += 8) {
      ROUND(a, b, c, d, e, f, g, h, i + 0); ROUND(h, a, b, c, d, e, f, g, i + 1);
      ROUND(g, h, a, b, c, d, e, f, i + 2); ROUND(f, g, h, a, b, c, d, e, i + 3);
      ROUND(e, f, g, h, a, b, c, d, i + 4); ROUND(d, e, f, g, h, a, b, c, i + 5);
      ROUND(c, d, e, f, g, h, a, b, i + 6); ROUND(b, c, d, e, f, g, h, a, i + 7);
    }
    state[0] += a, state[1] += b, state[2] += c, state[3] += d;
    state[4] += e, state[5] += f, state[6] += g, state[7] += h;
  }
}

// MARK: Compression, hardware. Both forms do four rounds a step and keep only the last 16 words of the
// schedule, all it looks back on, as a ring of four vectors. The loops over the rounds are unrolled so
// that the ring's indices become register names. The target attribute lets these functions alone use
// the instructions, so that the program still runs on a processor without them.

#if defined(__x86_64__)

__attribute__((target("sha,sse4.1,ssse3")))
static void compress_hardware(uint32_t state[8], const uint8_t *data, size_t blocks) {
  const __m128i swap_bytes = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);

  // The instructions want the state as (a, b, e, f) and (c, d, g, h), first letter in the highest word.
  __m128i low = _mm_loadu_si128((const __m128i *)(const void *)&state[0]);
  __m128i high = _mm_loadu_si128((const __m128i *)(const void *)&state[4]);
  low = _mm_shuffle_epi32(low, 0xb1), high = _mm_shuffle_epi32(high, 0x1b);
  __m128i abef = _mm_alignr_epi8(low, high, 8);
  __m128i cdgh = _mm_blend_epi16(high, low, 0xf0);

  for (; blocks > 0; blocks--, data += block_size) {
    const __m128i abef_before = abef, cdgh_before = cdgh;
    __m128i w[4];
    for (int i = 0; i < 4; i++) {
      w[i] = _mm_loadu_si128((const __m128i *)(const void *)(data + 16 * i));
      w[i] = _mm_shuffle_epi8(w[i], swap_bytes);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i++) {
      const __m128i k = _mm_load_si128((const __m128i *)(const void *)&round_constants[4 * i]);
      const __m128i wk = _mm_add_epi32(w[i % 4], k);
      // Each instruction does two rounds, after which the two halves have changed places.
      cdgh = _mm_sha256rnds2_epu32(cdgh, abef, wk);
      abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(wk, 0x0e));
      if (i < 12) {
        const __m128i last = w[(i + 3) % 4];
        const __m128i seven_back = _mm_alignr_epi8(last, w[(i + 2) % 4], 4);
        const __m128i sum = _mm_add_epi32(_mm_sha256msg1_epu32(w[i % 4], w[(i + 1) % 4]), seven_back);
        w[i % 4] = _mm_sha256msg2_epu32(sum, last);
      }
    }
    abef = _mm_add_epi32(abef, abef_before), cdgh = _mm_add_epi32(cdgh, cdgh_before);
  }

  abef = _mm_shuffle_epi32(abef, 0x1b), cdgh = _mm_shuffle_epi32(cdgh, 0xb1);
  _mm_storeu_si128((__m128i *)(void *)&state[0], _mm_blend_epi16(abef, cdgh, 0xf0));
  _mm_storeu_si128((__m128i *)(void *)&state[4], _mm_alignr_epi8(cdgh, abef, 8));
}

static bool ask_processor(void) {
  unsigned a, b, c, d;
  if (!__get_cpuid(1, &a, &b, &c, &d) || !(c & bit_SSSE3) || !(c & bit_SSE4_1)) return false;
  return __get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & bit_SHA);
}

#elif defined(ARM_SHA2)

__attribute__((target("sha2")))
static void compress_hardware(uint32_t state[8], const uint8_t *data, size_t blocks) {
  uint32x4_t abcd = vld1q_u32(&state[0]), efgh = vld1q_u32(&state[4]);

  for (; blocks > 0; blocks--, data += block_size) {
    const uint32x4_t abcd_before = abcd, efgh_before = efgh;
    uint32x4_t w[4];
    for (int i = 0; i < 4; i++) w[i] = vreinterpretq_u32_u8(vrev32q_u8(vld1q_u8(data + 16 * i)));
#pragma clang loop unroll(full)
    for (int i = 0; i < 16; i++) {
      const uint32x4_t wk = vaddq_u32(w[i % 4], vld1q_u32(&round_constants[4 * i]));
      const uint32x4_t old = abcd;
      abcd = vsha256hq_u32(abcd, efgh, wk);
      efgh = vsha256h2q_u32(efgh, old, wk);
      if (i < 12) {
        const uint32x4_t half = vsha256su0q_u32(w[i % 4], w[(i + 1) % 4]);
        w[i % 4] = vsha256su1q_u32(half, w[(i + 2) % 4], w[(i + 3) % 4]);
      }
    }
    abcd = vaddq_u32(abcd, abcd_before), efgh = vaddq_u32(efgh, efgh_before);
  }
  vst1q_u32(&state[0], abcd);
  vst1q_u32(&state[4], efgh);
}

static bool ask_processor(void) {
#if defined(__linux__)
  return (getauxval(AT_HWCAP) & HWCAP_SHA2) != 0;
#else
  return true;  // Every 64-bit Apple processor has them.
#endif
}

#else

#define compress_hardware compress_portable
static bool ask_processor(void) { return false; }

#endif

// MARK: The choice between the two.

// The processor is asked once, as asking can take longer than a block (under a hypervisor, far longer).
// Two threads may both ask; they get the same answer, so relaxed order is enough. `answer` is kept
// apart from `portable_forced` so that a thread storing its answer cannot undo what a test has set.
enum { not_asked, without_hardware, with_hardware };
static atomic_int answer = not_asked;
static atomic_bool portable_forced = false;

static void compress(uint32_t state[8], const uint8_t *data, size_t blocks) {
  int known = atomic_load_explicit(&answer, memory_order_relaxed);
  if (known == not_asked) {
    known = ask_processor() ? with_hardware : without_hardware;
    atomic_store_explicit(&answer, known, memory_order_relaxed);
  }
  const bool forced = atomic_load_explicit(&portable_forced, memory_order_relaxed);
  (known == with_hardware && !forced ? compress_hardware : compress_portable)(state, data, blocks);
}

void yz_sha256_force_portable(int on) {
  atomic_store_explicit(&portable_forced, on != 0, memory_order_relaxed);
}

// MARK: Hashing.

void yz_sha256_init(yz_sha256 *hash) {
  memset(hash, 0, sizeof *hash);
  memcpy(hash->state, initial_state, sizeof initial_state);
}

void yz_sha256_update(yz_sha256 *hash, const void *bytes, size_t count) {
  if (count == 0) return;  // `bytes` may be null, which memcpy must not be given.
  const uint8_t *next = bytes;
  const size_t used = (size_t)(hash->length % block_size);
  hash->length += count;

  if (used > 0) {
    const size_t room = block_size - used;
    const size_t taken = count < room ? count : room;
    memcpy(hash->buffer + used, next, taken);
    if (taken < room) return;
    compress(hash->state, hash->buffer, 1);
    next += taken;
    count -= taken;
  }
  // Whole blocks are compressed where they lie. A full buffer never stays uncompressed, so `length`
  // alone says how much of the buffer counts, and a saved form has only one possible size.
  const size_t blocks = count / block_size;
  if (blocks > 0) compress(hash->state, next, blocks);
  memcpy(hash->buffer, next + blocks * block_size, count % block_size);
}

void yz_sha256_final(const yz_sha256 *hash, uint8_t out[32]) {
  // The padding goes into copies, so that the running hash can go on.
  uint32_t state[8];
  memcpy(state, hash->state, sizeof state);
  uint8_t tail[2 * block_size] = {0};
  const size_t used = (size_t)(hash->length % block_size);
  memcpy(tail, hash->buffer, used);
  tail[used] = 0x80;
  // After the 0x80 the length needs 8 bytes at the end of a block: of this one, or else of the next.
  const size_t blocks = used + 1 + 8 <= block_size ? 1 : 2;
  const uint64_t bits = hash->length * 8;
  write_be32(tail + blocks * block_size - 8, (uint32_t)(bits >> 32));
  write_be32(tail + blocks * block_size - 4, (uint32_t)bits);
  compress(state, tail, blocks);
  for (int i = 0; i < 8; i++) write_be32(out + 4 * i, state[i]);
}

void yz_sha256_hash(const void *bytes, size_t count, uint8_t out[32]) {
  yz_sha256 hash;
  yz_sha256_init(&hash);
  yz_sha256_update(&hash, bytes, count);
  yz_sha256_final(&hash, out);
}

// MARK: Saving.

size_t yz_sha256_save(const yz_sha256 *hash, uint8_t out[104]) {
  const size_t used = (size_t)(hash->length % block_size);
  for (int i = 0; i < 8; i++) write_le(out + 4 * i, hash->state[i], 4);
  write_le(out + 32, hash->length, 8);
  memcpy(out + saved_head, hash->buffer, used);
  return saved_head + used;
}

int yz_sha256_load(yz_sha256 *hash, const uint8_t *bytes, size_t count) {
  if (count < saved_head) return 0;
  yz_sha256 loaded;
  yz_sha256_init(&loaded);
  for (int i = 0; i < 8; i++) loaded.state[i] = (uint32_t)read_le(bytes + 4 * i, 4);
  loaded.length = read_le(bytes + 32, 8);
  if (loaded.length >> 61 != 0) return 0;
  const size_t used = (size_t)(loaded.length % block_size);
  if (count != saved_head + used) return 0;
  // Before the first whole block, only the initial state is possible.
  if (loaded.length < block_size && memcmp(loaded.state, initial_state, sizeof initial_state) != 0) {
    return 0;
  }
  memcpy(loaded.buffer, bytes + saved_head, used);
  *hash = loaded;
  return 1;
}
