#pragma once

#include <string>

#include "tiercel/base/clock.h"
#include "tiercel/source/source.h"

#include "delivery.h"
#include "line_cutter.h"

namespace tiercel::source {

/// Hands on what a LineCutter has whole: batches to the delivery, lines that are too long as bad
/// pieces. False where the delivery gave up.
///
/// Runs on: the source's thread.
class StreamLines {
 public:
  /// `peer`: what alerts of these lines name as where their events came by.
  StreamLines(std::string name, std::string peer, LineLimits limits, Delivery& delivery,
              const BadPieceSink& bad, const base::Clock& clock)
      : name_(std::move(name)),
        peer_(std::move(peer)),
        cutter_(limits),
        delivery_(delivery),
        bad_(bad),
        clock_(clock) {}

  void feed(std::string_view bytes) { cutter_.feed(bytes); }
  [[nodiscard]] bool hand_on(LineCutter::Input input, const Worker& worker);
  [[nodiscard]] LineCutter& cutter() { return cutter_; }

 private:
  const std::string name_;
  const std::string peer_;
  LineCutter cutter_;
  Delivery& delivery_;
  const BadPieceSink& bad_;
  const base::Clock& clock_;
};

/// Reports a line that is longer than allowed.
void report_long_line(const BadPieceSink& bad, std::string_view source, std::string_view peer,
                      const LineCutter::Piece& piece, std::int64_t now);
/// A batch of what was cut.
[[nodiscard]] Batch make_batch(LineCutter::Piece piece, std::string_view source, std::int64_t now);

}  // namespace tiercel::source
