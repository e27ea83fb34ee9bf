#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tiercel/base/clock.h"
#include "tiercel/base/error.h"
#include "tiercel/base/metrics.h"
#include "tiercel/config/schema.h"
#include "tiercel/store/feed.h"

namespace tiercel::output {

/// What is delivered at once: an alert, or a group's message, which is an alert too. Its
/// views live until deliver() returns.
struct Message {
  /// Columns and the body: the alert as JSON with all members, newline included
  /// (alert::AlertView takes it apart). For a group's message the body is the group's.
  const store::StoredAlert* alert = nullptr;
  /// The line as the output's `format` says, newline included.
  std::string_view line;
};

/// What became of a delivery. Messages in neither list have been taken by the peer.
struct Delivery {
  struct Rejected {
    std::size_t message = 0;
    std::string why;
  };
  /// To be sent again, in order of sending.
  std::vector<std::size_t> again;
  /// The peer will never take these: they go to the dead letters.
  std::vector<Rejected> rejected;
  /// Why there is something in `again`.
  std::optional<base::Error> error;
  /// The peer asked for this pause.
  std::optional<std::chrono::milliseconds> retry_after;
  /// One sentence of what the peer answered, for `tiercel outputs test`.
  std::string said;

  [[nodiscard]] static Delivery delivered(std::string said) {
    Delivery delivery;
    delivery.said = std::move(said);
    return delivery;
  }
  /// All messages from `first` on are to be sent again.
  [[nodiscard]] static Delivery again_from(
      std::size_t first, std::size_t count, base::Error error,
      std::optional<std::chrono::milliseconds> retry_after = std::nullopt) {
    Delivery delivery;
    for (std::size_t at = first; at < count; ++at) {
      delivery.again.push_back(at);
    }
    delivery.error = std::move(error);
    delivery.retry_after = retry_after;
    return delivery;
  }
};

/// Where alerts go: one kind of peer, one configured instance of it. Retries, back-off,
/// batching, dead letters and the cursor are the runner's; an output knows how to say a
/// few messages to its peer, and what the peer answered.
///
/// Runs on: the output's own thread, but for interrupt().
class Output {
 public:
  Output() = default;
  Output(const Output&) = delete;
  Output& operator=(const Output&) = delete;
  virtual ~Output() = default;

  /// Looks whether the configuration can work (files exist, an address parses), so that a
  /// mistake is a start-up error. A peer that is down is none.
  [[nodiscard]] virtual base::Result<void> open() { return {}; }
  /// The same for `tiercel check`, which leaves nothing behind: an output whose open() makes
  /// something looks only.
  [[nodiscard]] virtual base::Result<void> check() { return open(); }
  /// The names of members and output fields that templates among its options ask for.
  [[nodiscard]] virtual std::vector<std::string> asked_names() const { return {}; }
  /// Hands the messages to the peer and returns when it has taken them, or not; within the
  /// output's own timeout, and where that needs many requests within a minute or so: what is
  /// left comes again. Returns soon after interrupt().
  [[nodiscard]] virtual Delivery deliver(std::span<const Message> messages) = 0;
  /// SIGUSR1: closes and opens again.
  virtual void reopen() {}
  /// Called about once a second, between deliveries too: rotation by time, a dead child.
  virtual void tick() {}
  /// Makes deliver() return soon. Any thread, several times.
  virtual void interrupt() {}
};

/// Base of each kind's options: a plain struct with its defaults.
struct OutputOptions {
  OutputOptions() = default;
  OutputOptions(const OutputOptions&) = default;
  OutputOptions& operator=(const OutputOptions&) = default;
  virtual ~OutputOptions() = default;
};

/// What an output may use beside its options. Outlives it.
struct OutputContext {
  std::string name;  ///< of the output, as configured
  const base::Clock& clock;
  base::Metrics& metrics;
  /// False: a command beside the daemon that has the same output. What only one process may do,
  /// such as rotating a file, is the daemon's.
  bool is_daemon = true;
};

/// One row: all there is to say about a kind of output.
struct OutputType {
  std::string_view name;
  std::string_view doc;
  /// Falco's section with the same options and `enabled`; empty where Falco has none.
  std::string_view falco_section{};
  /// The format of an entry of `outputs` that names none: JSON, or as `json_output` says.
  bool is_json = true;
  /// JSON alerts keep output_fields whatever the configuration says: peers refuse one without.
  bool needs_fields = false;
  /// One deliver() gets so many messages at most; options may ask for less.
  std::size_t most_messages = 100;
  std::shared_ptr<OutputOptions> (*new_options)() = nullptr;
  /// Adds the kind's options to the schema, below `section`.
  void (*describe)(config::Schema& schema, const std::string& section,
                   OutputOptions& options) = nullptr;
  std::unique_ptr<Output> (*make)(const OutputOptions& options,
                                  const OutputContext& context) = nullptr;
};

/// Binds a kind's own functions to its row:
/// `const OutputType kFoo = output_type<FooOptions, &describe_foo, &make_foo>({.name = "foo", …});`
/// with `void describe_foo(config::Section<FooOptions>&)` and
/// `std::unique_ptr<Output> make_foo(const FooOptions&, const OutputContext&)`.
template <class Options, void (*Describe)(config::Section<Options>&),
          std::unique_ptr<Output> (*Make)(const Options&, const OutputContext&)>
constexpr OutputType output_type(OutputType row) {
  row.new_options = []() -> std::shared_ptr<OutputOptions> { return std::make_shared<Options>(); };
  row.describe = [](config::Schema& schema, const std::string& path, OutputOptions& options) {
    config::Section<Options> section(schema, path, static_cast<Options&>(options));
    Describe(section);
  };
  row.make = [](const OutputOptions& options, const OutputContext& context) {
    return Make(static_cast<const Options&>(options), context);
  };
  return row;
}

/// Every kind of output, in the order of the manual.
[[nodiscard]] std::span<const OutputType* const> output_types();

}  // namespace tiercel::output
