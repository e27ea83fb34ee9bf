#include "output_template.h"

#include "template_parser.h"
#include "value_text.h"

namespace tiercel::alert {

std::optional<OutputTemplate> OutputTemplate::parse(std::string_view text, audit::FieldSet& fields,
                                                    std::span<const std::string> static_names,
                                                    std::vector<TemplateProblem>& out) {
  return TemplateParser(text, fields, static_names, out).parse();
}

void OutputTemplate::redact(const audit::FieldSet& fields) {
  for (Piece& piece : pieces_) {
    const auto field = piece.term.plain_field();
    piece.policy = field ? field_policy(fields[*field]) : FieldPolicy::kText;
  }
}

base::Value OutputTemplate::shown(const Piece& piece, audit::FieldMap& map, RedactionMemo& memo) {
  const auto field = piece.term.plain_field();
  return field ? memo.get(map, *field, piece.policy) : piece.term.evaluate_redacted(map);
}

void OutputTemplate::render(audit::FieldMap& map, RedactionMemo& memo, std::string& out) const {
  for (const Piece& piece : pieces_) {
    out += piece.literal;
    const std::size_t start = out.size();
    append_value_text(
        out,
        piece.policy == FieldPolicy::kKeep ? piece.term.evaluate(map) : shown(piece, map, memo),
        piece.field);
    if (piece.width != 0) {
      // Bytes, as in Falco: a cut can split a character.
      out.resize(start + piece.width, ' ');
    }
  }
  out += tail_;
}

std::vector<audit::FieldId> OutputTemplate::fields() const {
  std::vector<audit::FieldId> fields;
  for (const Piece& piece : pieces_) {
    piece.term.collect_fields(fields);
  }
  return fields;
}

}  // namespace tiercel::alert
