#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "redact_engine.h"
#include "redact_names.h"

namespace tiercel::alert {

/// One pass over text that is JSON, or was before it was cut or damaged. Brackets need
/// not match, strings need not end; nothing recurses but strings that hold texts.
///
/// Whether an object is a Secret may be said behind its data, or by the objectRef of the
/// event around it: a leaf that depends on it becomes a pending edit, which is settled
/// when the object that decides closes.
class JsonRedactor {
 public:
  JsonRedactor(std::string_view text, const RedactScope& scope);

  void run();
  /// False when nothing was masked.
  [[nodiscard]] bool write(std::string& out) const;
  [[nodiscard]] const JsonVerdict& verdict() const { return verdict_; }

 private:
  static constexpr std::uint32_t kNoEdit = UINT32_MAX;
  /// Deeper brackets share the deepest frame.
  static constexpr std::size_t kMostFrames = 4096;

  enum class Named : std::uint8_t { kUnknown, kCredential, kOther };
  struct Frame {
    char open = 0;
    KeyKind key = KeyKind::kPlain;
    bool has_key = false;
    bool secret = false;        // this is a Secret or inside one
    bool data = false;          // inside the data of a Secret
    bool data_pending = false;  // the same if an object around is a Secret
    bool credential = false;    // an array under a credential's name
    bool object_ref = false;
    bool other_kind = false;  // says to be something else than a Secret
    bool data_path = false;   // of a JSON patch: the path is in a Secret's data
    Named named = Named::kUnknown;
    std::uint32_t value_edit = kNoEdit;  // the first edit of the member `value`
    std::uint32_t value_end = 0;         // behind the last
    std::uint32_t pending_begin = 0;
    std::uint32_t direct_begin = kNoEdit;  // its own data among the pending
    std::uint32_t direct_end = 0;
    ArgumentState arguments;
  };
  /// At most one for each leaf, in the order of the text.
  struct Edit {
    std::size_t begin = 0;
    std::size_t end = 0;
    bool whole = false;
    bool quoted = true;  // the leaf has quotes already
    bool by_pattern = false;
    std::string text;  // if by_pattern: the masked text, escaped
  };

  [[nodiscard]] Frame& top() { return frames_.back(); }
  void open(char bracket);
  void close(char bracket);
  void settle(Frame& frame);
  void finish();
  void string();
  void bare();
  void key(std::string_view content);
  void leaf(std::size_t begin, std::size_t end, bool quoted);
  // What the leaf says about its siblings and parents.
  void learn(std::string_view text);
  [[nodiscard]] bool scan(std::string_view text, bool cut, std::string& out, bool& unresolved);
  [[nodiscard]] bool is_pending(const Frame& frame) const;
  void mask_pending(std::uint32_t from);
  void mask_value(Frame& frame);
  [[nodiscard]] std::size_t string_end(std::size_t from) const;
  [[nodiscard]] std::size_t skip_blanks(std::size_t from) const;

  std::string_view text_;
  RedactScope scope_;
  JsonVerdict verdict_;
  std::size_t at_ = 0;
  bool cut_ = false;  // the string being read has no end
  std::vector<Frame> frames_;
  std::size_t too_deep_ = 0;
  std::vector<Edit> edits_;
  std::vector<std::uint32_t> pending_;
};

}  // namespace tiercel::alert
