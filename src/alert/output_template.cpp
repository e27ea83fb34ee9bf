#include "output_template.h"

#include "template_parser.h"
#include "value_text.h"

namespace tiercel::alert {

std::optional<OutputTemplate> OutputTemplate::parse(std::string_view text, audit::FieldSet& fields,
                                                    std::span<const std::string> static_names,
                                                    std::vector<TemplateProblem>& out) {
  return TemplateParser(text, fields, static_names, out).parse();
}

void OutputTemplate::render(audit::FieldMap& map, std::string& out) const {
  for (const Piece& piece : pieces_) {
    out += piece.literal;
    const std::size_t start = out.size();
    append_value_text(out, piece.term.evaluate(map), piece.field);
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
