#include "stream_lines.h"

namespace tiercel::source {

void report_long_line(const BadPieceSink& bad, std::string_view source, std::string_view peer,
                      const LineCutter::Piece& piece, std::int64_t now) {
  BadPiece report;
  report.input.bytes = {piece.bytes.data(), piece.size};
  report.input.code = "too_large";
  report.input.message =
      piece.was_crowded_out
          ? "the longest of the unfinished lines of all connections, which took too much memory"
          : "a line longer than limits.max_event";
  report.size = piece.whole_size;
  report.arrival = now;
  report.source = source;
  report.peer = peer;
  bad(report);
}

Batch make_batch(LineCutter::Piece piece, std::string_view source, std::int64_t now) {
  Batch batch;
  batch.bytes = std::move(piece.bytes);
  batch.size = piece.size;
  batch.form = audit::BatchForm::kLines;
  batch.arrival = now;
  batch.source = source;
  return batch;
}

bool StreamLines::hand_on(LineCutter::Input input, const Worker& worker) {
  while (auto piece = cutter_.next(input)) {
    if (piece->is_too_long) {
      report_long_line(bad_, name_, peer_, *piece, clock_.now());
      continue;
    }
    Batch batch = make_batch(std::move(*piece), name_, clock_.now());
    batch.peer = peer_;
    if (!delivery_.deliver(batch, worker)) {
      return false;
    }
  }
  return true;
}

}  // namespace tiercel::source
