#ifndef CHASH_H
#define CHASH_H

#include <stddef.h>
#include <stdint.h>

/// A running SHA-256 (FIPS 180-4) as a plain value. It holds no pointer and needs no clean-up, so it
/// may be copied, kept, saved in a database and taken up again later. Different values may be used on
/// different threads at once; one value must not be changed by two threads at once.
typedef struct {
  /// The chaining value after all the whole blocks so far.
  uint32_t state[8];
  /// How many bytes have been hashed so far. SHA-256 is defined below 2^61 bytes.
  uint64_t length;
  /// The first `length % 64` bytes are those not compressed yet; what the others hold means nothing.
  uint8_t buffer[64];
} yz_sha256;

/// Starts a hash of no bytes.
void yz_sha256_init(yz_sha256 *hash);

/// Hashes `count` more bytes. When `count` is 0, `bytes` may be null.
void yz_sha256_update(yz_sha256 *hash, const void *bytes, size_t count);

/// Writes the digest of the bytes so far. It does not change `hash`, which may be updated further.
void yz_sha256_final(const yz_sha256 *hash, uint8_t out[32]);

/// Writes the digest of `count` bytes. When `count` is 0, `bytes` may be null.
void yz_sha256_hash(const void *bytes, size_t count, uint8_t out[32]);

/// Writes the running hash in its one saved form and returns the form's size, 40 to 103 bytes. The form
/// is the 8 words of `state` and then `length`, all little-endian, and then the `length % 64` bytes not
/// compressed yet. It is the same on every machine, and equal input bytes always give equal forms.
size_t yz_sha256_save(const yz_sha256 *hash, uint8_t out[104]);

/// Takes up a hash from its saved form and returns 1. It returns 0 and leaves `hash` as it was when the
/// bytes cannot be such a form: the size does not fit the length, the length is 2^61 or more, or fewer
/// than 64 bytes were hashed and yet the state is not the initial one. It cannot tell whether the
/// state is the right one for the bytes that were hashed.
int yz_sha256_load(yz_sha256 *hash, const uint8_t *bytes, size_t count);

// For tests.

/// While `on` is not 0, every thread uses the portable code even if the processor has SHA instructions.
/// The digests are the same either way.
void yz_sha256_force_portable(int on);

#endif
