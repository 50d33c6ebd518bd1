#include "io/wire/chacha_poly.hpp"

#include <nettle/chacha-poly1305.h>
#include <nettle/memops.h>

#include "core/base/assert.hpp"
#include "io/wire/wipe.hpp"

namespace preconf::io::wire {
namespace {

constexpr std::size_t kCounterAt = 4;

/// A context with key and nonce set; wiped at its end, as it holds the key.
class Context {
 public:
  Context(const CipherKey& key, std::uint64_t counter, core::BytesView associated) {
    std::array<std::uint8_t, CHACHA_POLY1305_NONCE_SIZE> nonce{};
    for (std::size_t i = 0; i < sizeof counter; ++i) {
      nonce[kCounterAt + i] = static_cast<std::uint8_t>(counter >> (8 * i));
    }
    chacha_poly1305_set_key(&context_, key.data());
    chacha_poly1305_set_nonce(&context_, nonce.data());
    chacha_poly1305_update(&context_, associated.size(), associated.data());
  }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { wipe({reinterpret_cast<std::uint8_t*>(&context_), sizeof context_}); }

  chacha_poly1305_ctx* get() { return &context_; }

 private:
  chacha_poly1305_ctx context_;
};

}  // namespace

void aead_seal(const CipherKey& key, std::uint64_t counter, core::BytesView associated,
               core::BytesView plaintext, std::uint8_t* out) {
  Context context(key, counter, associated);
  chacha_poly1305_encrypt(context.get(), plaintext.size(), out, plaintext.data());
  chacha_poly1305_digest(context.get(), kAeadTagBytes, out + plaintext.size());
}

bool aead_open(const CipherKey& key, std::uint64_t counter, core::BytesView associated,
               core::BytesView sealed, std::uint8_t* out) {
  PRECONF_ASSERT(sealed.size() >= kAeadTagBytes);
  const core::BytesView text = sealed.first(sealed.size() - kAeadTagBytes);
  core::FixedBytes<kAeadTagBytes> expected;
  const auto received = core::FixedBytes<kAeadTagBytes>::from(sealed.last(kAeadTagBytes));
  Context context(key, counter, associated);
  chacha_poly1305_decrypt(context.get(), text.size(), out, text.data());
  chacha_poly1305_digest(context.get(), kAeadTagBytes, expected.data());
  return memeql_sec(expected.data(), received.data(), kAeadTagBytes) == 1;
}

}  // namespace preconf::io::wire
