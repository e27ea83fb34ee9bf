#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tiercel::alert {

/// The length of the credential that begins `text` and is known by its own shape: a
/// token of a provider, an AWS key; 0 when none does. `cut` accepts one that the end of
/// the text cuts short.
[[nodiscard]] std::size_t credential_token(std::string_view text, bool cut);

/// The same for a JSON web token. Where there is none, none begins in the first `fruitless`
/// characters.
[[nodiscard]] std::size_t web_token(std::string_view text, bool cut, std::size_t& fruitless);

/// The length of the PEM block that begins `text` if it holds a private key, up to the
/// end of the text where its own end is missing; 0 for certificates and anything else.
[[nodiscard]] std::size_t private_key_block(std::string_view text);

/// The decoded text when `run` is base64 of something printable.
[[nodiscard]] std::optional<std::string> decoded_base64(std::string_view run);

/// What the tokens of the table begin with.
[[nodiscard]] std::vector<std::string_view> token_prefixes();

}  // namespace tiercel::alert
