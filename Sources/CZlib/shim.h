// zlib's stream initialisers are macros, which Swift cannot call.
#include <zlib.h>

/// Raw deflate (no zlib header): the container carries its own checks.
static inline int yz_deflate_init(z_streamp stream, int level) {
  return deflateInit2(stream, level, Z_DEFLATED, -15, 9, Z_DEFAULT_STRATEGY);
}

static inline int yz_inflate_init(z_streamp stream) { return inflateInit2(stream, -15); }

/// A gzip file (RFC 1952), its check sum included.
static inline int yz_gunzip_init(z_streamp stream) { return inflateInit2(stream, 15 + 16); }
