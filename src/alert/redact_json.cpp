#include "redact_json.h"

#include <algorithm>

#include "tiercel/alert/redactor.h"
#include "tiercel/audit/json.h"
#include "tiercel/base/arena.h"
#include "tiercel/base/json_text.h"

#include "redact_chars.h"

namespace tiercel::alert {

namespace {

constexpr CharSet kBareEnds(" \t\n\r,:{}[]\"");
constexpr CharSet kNumberChars("0123456789+-.eE");

bool is_scalar(std::string_view text) {
  return text == "null" || text == "true" || text == "false" ||
         kNumberChars.skip(text, 0) == text.size();
}

bool is_data_path(std::string_view path) {
  return path == "/data" || path.starts_with("/data/") || path.starts_with("/stringData");
}

}  // namespace

JsonRedactor::JsonRedactor(std::string_view text, const RedactScope& scope)
    : text_(text), scope_(scope) {
  constexpr std::size_t kUsualDepth = 16;
  frames_.reserve(kUsualDepth);
  Frame root;
  root.secret = scope.secret;
  root.data = scope.data;
  frames_.push_back(root);
}

std::size_t JsonRedactor::skip_blanks(std::size_t from) const {
  return kSpaceSet.skip(text_, from);
}

// The closing quote of the string that begins behind `from`, or the end of the text.
std::size_t JsonRedactor::string_end(std::size_t from) const {
  for (std::size_t at = from;;) {
    const std::size_t quote = text_.find('"', at);
    if (quote == std::string_view::npos) {
      return text_.size();
    }
    std::size_t escapes = quote;
    while (escapes > at && text_[escapes - 1] == '\\') {
      --escapes;
    }
    if ((quote - escapes) % 2 == 0) {
      return quote;
    }
    at = quote + 1;
  }
}

void JsonRedactor::run() {
  while (at_ < text_.size()) {
    const char c = text_[at_];
    switch (c) {
      case '{':
      case '[':
        open(c);
        ++at_;
        break;
      case '}':
      case ']':
        close(c);
        ++at_;
        break;
      case '"':
        string();
        break;
      case ',':
        top().has_key = top().has_key && top().open != '{';
        ++at_;
        break;
      case ':':
      case ' ':
      case '\t':
      case '\n':
      case '\r':
        ++at_;
        break;
      default:
        bare();
        break;
    }
  }
  finish();
}

void JsonRedactor::open(char bracket) {
  if (frames_.size() >= kMostFrames) {
    ++too_deep_;
    // What such text is cannot be told any more: all of it is masked.
    top().data = true;
    return;
  }
  Frame& parent = top();
  const KeyKind key = parent.open == '{' && !parent.has_key ? KeyKind::kPlain : parent.key;
  const bool is_value = key == KeyKind::kValue;
  // Where the path of a patch comes behind its value, it may be the data of a Secret.
  const bool is_data =
      key == KeyKind::kData || (is_value && (parent.data_path || parent.named == Named::kUnknown));
  const bool is_credential =
      key == KeyKind::kCredential || (is_value && parent.named == Named::kCredential);
  Frame frame;
  frame.open = bracket;
  frame.secret = parent.secret;
  frame.data = parent.data || key == KeyKind::kSecret || (is_data && parent.secret);
  frame.data_pending = !frame.data && (parent.data_pending || is_data);
  frame.credential = bracket == '[' && (parent.credential || is_credential);
  // {"password":{"value":…}}
  frame.named = bracket == '{' && is_credential ? Named::kCredential : Named::kUnknown;
  frame.object_ref = key == KeyKind::kObjectRef;
  frame.pending_begin = static_cast<std::uint32_t>(pending_.size());
  if (is_data && frame.data_pending) {
    parent.direct_begin = frame.pending_begin;
    parent.direct_end = frame.pending_begin;
  }
  if (is_value) {
    parent.value_edit = static_cast<std::uint32_t>(edits_.size());
    parent.value_end = parent.value_edit;
  }
  frames_.push_back(frame);
}

void JsonRedactor::mask_pending(std::uint32_t from) {
  for (std::size_t at = from; at < pending_.size(); ++at) {
    if (pending_[at] != kNoEdit) {
      edits_[pending_[at]].whole = true;
    }
  }
  pending_.resize(from);
}

// Decides on what depended on this object, when no more of it is to come.
void JsonRedactor::settle(Frame& frame) {
  if (frame.secret) {
    mask_pending(frame.pending_begin);
  } else if (frame.other_kind) {
    const std::size_t end = std::min<std::size_t>(frame.direct_end, pending_.size());
    for (std::size_t at = frame.direct_begin; at < end; ++at) {
      pending_[at] = kNoEdit;
    }
    if (end == pending_.size() && frame.direct_begin < end) {
      pending_.resize(frame.direct_begin);
    }
  }
}

void JsonRedactor::close(char bracket) {
  if (too_deep_ > 0) {
    --too_deep_;
    return;
  }
  if (frames_.size() == 1) {
    verdict_.well_formed = false;
    return;
  }
  verdict_.well_formed = verdict_.well_formed && (top().open == '{') == (bracket == '}');
  settle(top());
  frames_.pop_back();
  Frame& parent = top();
  if (parent.key == KeyKind::kData || parent.key == KeyKind::kValue) {
    parent.direct_end = static_cast<std::uint32_t>(pending_.size());
  }
  if (parent.key == KeyKind::kValue) {
    parent.value_end = static_cast<std::uint32_t>(edits_.size());
  }
  parent.has_key = parent.has_key && parent.open != '{';
}

void JsonRedactor::finish() {
  verdict_.well_formed = verdict_.well_formed && frames_.size() == 1 && too_deep_ == 0;
  auto masked_from = static_cast<std::uint32_t>(edits_.size());
  while (!frames_.empty()) {
    Frame& frame = top();
    if (frame.key == KeyKind::kData) {
      frame.direct_end = static_cast<std::uint32_t>(pending_.size());
    }
    settle(frame);
    if (frame.key == KeyKind::kValue && frame.value_edit != kNoEdit) {
      frame.value_end = std::max(frame.value_end, static_cast<std::uint32_t>(edits_.size()));
    }
    if (scope_.lenient && frame.named == Named::kUnknown && frame.value_edit != kNoEdit) {
      // The values that are still open end in one another.
      const bool open = frame.value_end >= masked_from;
      frame.value_end = std::min(frame.value_end, masked_from);
      masked_from = open ? std::min(frame.value_edit, masked_from) : masked_from;
      mask_value(frame);
    }
    frames_.pop_back();
  }
  verdict_.unresolved = std::any_of(pending_.begin(), pending_.end(),
                                    [](std::uint32_t edit) { return edit != kNoEdit; });
  if (scope_.lenient) {
    mask_pending(0);
  }
}

// The edits of the member `value`, once.
void JsonRedactor::mask_value(Frame& frame) {
  if (frame.value_edit == kNoEdit) {
    return;
  }
  for (std::size_t at = frame.value_edit; at < frame.value_end; ++at) {
    edits_[at].whole = true;
  }
  frame.value_edit = kNoEdit;
}

void JsonRedactor::string() {
  const std::size_t begin = at_ + 1;
  const std::size_t end = string_end(begin);
  cut_ = end == text_.size();
  at_ = cut_ ? end : end + 1;
  const std::size_t next = skip_blanks(at_);
  const char after = next < text_.size() ? text_[next] : ',';
  if (cut_ || (after != ',' && after != '}' && after != ']' && after != ':')) {
    verdict_.well_formed = false;
    // A quote too few or too many: what looked like the end of a string begins the next.
    at_ = cut_ ? end : end + (next == end + 1 ? 0 : 1);
  }
  if (after == ':' && next < text_.size()) {
    key(text_.substr(begin, end - begin));
    at_ = next + 1;
    return;
  }
  leaf(begin, end, true);
}

void JsonRedactor::bare() {
  const std::size_t begin = at_;
  at_ = kBareEnds.find(text_, at_);
  const std::string_view word = text_.substr(begin, at_ - begin);
  cut_ = at_ == text_.size();
  verdict_.well_formed = verdict_.well_formed && is_scalar(word);
  const Frame& frame = top();
  const std::size_t next = skip_blanks(at_);
  if (frame.open == '{' && !frame.has_key && next < text_.size() && text_[next] == ':') {
    // YAML between braces: {kind: Secret, data: {…}}
    key(word);
    at_ = next + 1;
    return;
  }
  const bool tells = frame.has_key && frame.key != KeyKind::kPlain;
  if (word == "null" || word == "true" || word == "false" ||
      !(tells || frame.credential || frame.data || frame.data_pending)) {
    return;
  }
  leaf(begin, at_, false);
}

void JsonRedactor::key(std::string_view content) {
  Frame& frame = top();
  verdict_.well_formed = verdict_.well_formed && frame.open == '{' && !frame.has_key;
  frame.has_key = true;
  if (content.find('\\') == std::string_view::npos) {
    frame.key = key_kind(content);
    return;
  }
  base::Arena arena;
  frame.key = key_kind(audit::decode_string(content, arena));
}

bool JsonRedactor::is_pending(const Frame& frame) const {
  return frame.data_pending || (frame.has_key && frame.key == KeyKind::kData) ||
         (frame.has_key && frame.key == KeyKind::kValue && frame.data_path);
}

void JsonRedactor::leaf(std::size_t begin, std::size_t end, bool quoted) {
  const std::string_view content = text_.substr(begin, end - begin);
  Frame& frame = top();
  if (content.empty() || (frame.open == '{' && !frame.has_key)) {
    return;
  }
  base::Arena arena;
  const std::string_view text = quoted && content.find('\\') != std::string_view::npos
                                    ? audit::decode_string(content, arena)
                                    : content;
  const KeyKind kind = frame.key;
  Edit edit{begin, end, false, quoted, false, {}};
  const bool in_data = kind == KeyKind::kSecret || is_pending(frame);
  edit.whole = frame.data || kind == KeyKind::kSecret || (in_data && frame.secret) ||
               ((kind == KeyKind::kCredential || frame.credential) && is_worth_masking(text)) ||
               (kind == KeyKind::kValue && frame.named == Named::kCredential);
  bool unresolved = false;
  if (!edit.whole) {
    learn(text);
    std::string masked;
    edit.by_pattern = quoted && scan(text, cut_, masked, unresolved);
    if (edit.by_pattern) {
      base::append_json_escaped(edit.text, masked);
    }
  }
  const bool awaits_name = kind == KeyKind::kValue && frame.named == Named::kUnknown;
  if (!edit.whole && !edit.by_pattern && !in_data && !unresolved && !awaits_name) {
    return;
  }
  const auto index = static_cast<std::uint32_t>(edits_.size());
  edits_.push_back(std::move(edit));
  if (awaits_name) {
    frame.value_edit = index;
    frame.value_end = index + 1;
  }
  if (in_data || unresolved) {
    pending_.push_back(index);
    if (!frame.data_pending && in_data) {
      frame.direct_begin = static_cast<std::uint32_t>(pending_.size() - 1);
      frame.direct_end = static_cast<std::uint32_t>(pending_.size());
    }
  }
}

void JsonRedactor::learn(std::string_view text) {
  Frame& frame = top();
  switch (frame.key) {
    case KeyKind::kKind:
      frame.secret = frame.secret || text == "Secret" || text == "SecretList";
      frame.other_kind = frame.other_kind || !(cut_ || frame.secret);
      return;
    case KeyKind::kResource:
      if (frame.object_ref && text == "secrets" && frames_.size() > 1) {
        frames_[frames_.size() - 2].secret = true;
      }
      return;
    case KeyKind::kPath:
      frame.data_path = is_data_path(text);
      [[fallthrough]];
    case KeyKind::kName: {
      if (frame.named == Named::kCredential) {
        return;
      }
      const bool credential = is_credential_path(text);
      // A name that is cut may have gone on as a credential's.
      frame.named = credential ? Named::kCredential : cut_ ? Named::kUnknown : Named::kOther;
      if (credential || frame.data_path) {
        mask_value(frame);
      }
      return;
    }
    default:
      return;
  }
}

bool JsonRedactor::scan(std::string_view text, bool cut, std::string& out, bool& unresolved) {
  Frame& frame = top();
  RedactScope scope = scope_.inner();
  scope.secret = frame.secret;
  scope.lenient = scope_.lenient && cut;
  const KeyKind kind = frame.open == '[' ? KeyKind::kPlain : frame.key;
  switch (kind) {
    case KeyKind::kUri:
      return redact_uri(text, false, scope, out);
    case KeyKind::kIdentity:
    case KeyKind::kName:
    case KeyKind::kPath:
    case KeyKind::kKind:
    case KeyKind::kResource:
      return redact_shapes(text, scope, out);
    default:
      break;
  }
  frame.arguments.is_word = frame.open == '[';
  JsonVerdict verdict;
  const bool changed = redact_any(text, scope, frame.arguments, verdict, out);
  unresolved = verdict.unresolved && !scope.lenient;
  return changed;
}

bool JsonRedactor::write(std::string& out) const {
  std::string written;
  std::size_t copied = 0;
  bool changed = false;
  for (const Edit& edit : edits_) {
    if (!edit.whole && !edit.by_pattern) {
      continue;
    }
    changed = true;
    written.append(text_, copied, edit.begin - copied);
    if (!edit.whole) {
      written += edit.text;
    } else {
      written += edit.quoted ? "" : "\"";
      written += kMask;
      written += edit.quoted ? "" : "\"";
    }
    copied = edit.end;
  }
  if (!changed) {
    return false;
  }
  written.append(text_, copied);
  out = std::move(written);
  return true;
}

bool redact_json(std::string_view text, const RedactScope& scope, JsonVerdict& verdict,
                 std::string& out) {
  JsonRedactor redactor(text, scope);
  redactor.run();
  verdict = redactor.verdict();
  return redactor.write(out);
}

}  // namespace tiercel::alert
