#pragma once

#include <cstdint>
#include <string_view>

namespace tiercel::alert {

/// Whether a value under this name is a credential: a member, a variable, a flag, a
/// parameter or a header. Words of the name count, in any case and however joined:
/// `DB_PASSWORD`, `clientSecret`, `api-key`, but not `secretName` or `token_ttl`, which
/// say something about a credential.
[[nodiscard]] bool is_credential_name(std::string_view name);

/// Whether a value is masked for its name alone: not the empty text, not true or false,
/// not the name of a service account, not the path of a file in a usual folder.
[[nodiscard]] bool is_worth_masking(std::string_view value);

/// Whether the path of a JSON patch leads to a credential: its last name does, behind indices
/// and `value`, or it is the value of a variable that the patch does not name.
[[nodiscard]] bool is_credential_path(std::string_view path);

/// What the name of a JSON member means for its value.
enum class KeyKind : std::uint8_t {
  kPlain,
  kCredential,  ///< the value is masked
  kIdentity,    ///< names, labels, images: only what has the shape of a token is masked
  kKind,
  kResource,
  kObjectRef,
  kName,    ///< says what its sibling `value` is
  kValue,   ///< what its sibling `name` says
  kPath,    ///< of a JSON patch: says what its sibling `value` is
  kUri,     ///< a request URI
  kData,    ///< the data of a Secret, if this is one
  kSecret,  ///< stringData: the data of a Secret, since nothing else has it
};

[[nodiscard]] KeyKind key_kind(std::string_view key);

}  // namespace tiercel::alert
