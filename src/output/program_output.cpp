#include <algorithm>
#include <chrono>
#include <string>

#include <sys/eventfd.h>
#include <unistd.h>

#include "child_process.h"
#include "output_table.h"
#include "piecewise.h"

namespace tiercel::output {

namespace {

// At the end of the process a program has no longer to end by itself.
constexpr std::chrono::milliseconds kLongestEnd{5'000};

struct ProgramOptions final : OutputOptions {
  std::string program;
  bool keep_alive = false;
  std::chrono::milliseconds timeout{30'000};
  bool ignore_exit_status = false;
};

void describe_program(config::Section<ProgramOptions>& s) {
  s.option("program", &ProgramOptions::program,
           "The command, run by `sh -c`; each alert is a line on its standard input.")
      .example("\"jq -r .output | mail -s alert root\"")
      .secret();
  s.option("keep_alive", &ProgramOptions::keep_alive,
           "One process for all alerts instead of one for each. An alert counts as delivered once "
           "the process has read it; what it has read and not dealt with when it dies is lost.");
  s.option("timeout", &ProgramOptions::timeout,
           "How long one alert may take; then the program is killed and the alert tried again. A "
           "program that is kept has as long to end by itself after the end of its input, when "
           "outputs are reopened; 5s at most when tiercel ends.")
      .between(std::chrono::milliseconds(10), std::chrono::hours(1));
  // DIFFERS FROM FALCO: it looks at no exit status, so that a failure loses the alert.
  s.option("ignore_exit_status", &ProgramOptions::ignore_exit_status,
           "An alert counts as delivered whatever the program's exit status; false tries it again "
           "where that is not 0.");
}

// Gives alerts to a program.
//
// DIFFERS FROM FALCO: a program that ends without reading is no reason to die of.
class ProgramOutput final : public Output {
 public:
  explicit ProgramOutput(const ProgramOptions& options)
      : options_(options),
        interrupted_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)),
        child_(interrupted_.number()) {}

  base::Result<void> open() override {
    if (options_.program.empty()) {
      return base::Error{"no_program", "`program` must name a command", ""};
    }
    return {};
  }

  ~ProgramOutput() override { child_.finish(std::min(options_.timeout, kLongestEnd)); }
  ProgramOutput(const ProgramOutput&) = delete;
  ProgramOutput& operator=(const ProgramOutput&) = delete;

  Delivery deliver(std::span<const Message> messages) override {
    return deliver_each(messages, delivery_deadline(options_.timeout), [this](const Message& one) {
      if (auto given = options_.keep_alive ? give(one.line) : run(one.line); !given) {
        return Delivery::again_from(0, 1, given.error());
      }
      return Delivery::delivered(options_.keep_alive ? "read by the program"
                                                     : "the program took it and ended");
    });
  }

  void reopen() override { child_.finish(options_.timeout); }
  void tick() override { (void)child_.poll_status(); }
  void interrupt() override {
    const std::uint64_t one = 1;
    (void)!::write(interrupted_.number(), &one, sizeof one);
  }

 private:
  using Outcome = ChildProcess::Outcome;

  // One process for this line.
  base::Result<void> run(std::string_view line) {
    if (auto started = child_.start(options_.program); !started) {
      return started;
    }
    const auto start = std::chrono::steady_clock::now();
    const Outcome written = child_.write(line, options_.timeout);
    child_.close_input();
    if (written != Outcome::kDone && written != Outcome::kClosed) {
      return gave_up(written);
    }
    int status = 0;
    const Outcome ended = child_.wait(left_since(start), status);
    if (ended != Outcome::kDone) {
      return gave_up(ended);
    }
    if (status != 0 && !options_.ignore_exit_status) {
      return failed("the program ended with " + status_text(status));
    }
    return {};
  }

  // To the process that lives on, started where it does not.
  base::Result<void> give(std::string_view line) {
    (void)child_.poll_status();
    if (!child_.is_running()) {
      if (auto started = child_.start(options_.program); !started) {
        return started;
      }
    }
    const auto start = std::chrono::steady_clock::now();
    Outcome written = child_.write(line, options_.timeout);
    if (written == Outcome::kDone) {
      written = child_.wait_read(left_since(start));
    }
    if (written == Outcome::kDone) {
      return {};
    }
    if (written == Outcome::kClosed) {
      child_.kill();
      return failed("the program has ended or reads no more; it is started again");
    }
    return gave_up(written);
  }

  // Of the time that one alert may take.
  [[nodiscard]] std::chrono::milliseconds left_since(
      std::chrono::steady_clock::time_point start) const {
    const auto passed = std::chrono::duration_cast<std::chrono::milliseconds>(
        std::chrono::steady_clock::now() - start);
    return std::max(options_.timeout - passed, std::chrono::milliseconds(1));
  }

  base::Result<void> gave_up(Outcome outcome) {
    child_.kill();
    switch (outcome) {
      case Outcome::kTimeout:
        return failed("the program took longer than `timeout` and was killed");
      case Outcome::kInterrupted:
        return failed("the daemon is stopping; the program was killed");
      default:
        return failed("writing to the program failed");
    }
  }

  // Without the command: it may hold a secret, and errors go to logs and peers.
  [[nodiscard]] static base::Error failed(const std::string& what) {
    return {"program_failed", what, {}};
  }

  const ProgramOptions options_;
  const Descriptor interrupted_;
  ChildProcess child_;
};

std::unique_ptr<Output> make_program(const ProgramOptions& options,
                                     const OutputContext& /*context*/) {
  return std::make_unique<ProgramOutput>(options);
}

}  // namespace

const OutputType kProgramOutput = output_type<ProgramOptions, &describe_program, &make_program>(
    {.name = "program",
     .doc = "Gives alerts to a program's standard input, one process each or one for all.",
     .falco_section = "program_output",
     .is_json = false,
     .most_messages = 100});

}  // namespace tiercel::output
