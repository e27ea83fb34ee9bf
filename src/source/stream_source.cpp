#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "tiercel/base/log.h"
#include "tiercel/source/pipe_source.h"

#include "stream_lines.h"

namespace tiercel::source {

namespace {
constexpr std::size_t kBlock = std::size_t{256} << 10U;
}  // namespace

class StreamSource::Impl {
 public:
  Impl(PipeOptions options, std::string name, int file, BlockingBatchSink sink, BadPieceSink bad,
       const base::Clock& clock)
      : name_(std::move(name)),
        file_(file),
        bad_(std::move(bad)),
        delivery_(name_, std::move(sink), {options.retry_first, options.retry_most},
                  Delivery::AtStop::kGoOn),
        lines_(name_, name_, {options.max_line, options.batch_bytes, options.batch_lines},
               delivery_, bad_, clock) {}

  [[nodiscard]] base::Result<void> start() {
    const int flags = ::fcntl(file_, F_GETFL);
    if (flags < 0 || (flags & O_ACCMODE) == O_WRONLY) {
      return base::Error{"not_readable",
                         "nothing can be read from descriptor " + std::to_string(file_) +
                             ": it was closed when the program was started; give it an input",
                         name_};
    }
    return worker_.start([this] { run(); });
  }
  void ask_to_stop() { worker_.ask_to_stop(); }
  bool stop(std::chrono::milliseconds deadline) { return worker_.stop(deadline); }
  [[nodiscard]] bool has_ended() const { return has_ended_; }

 private:
  void run() {
    std::string block(kBlock, '\0');
    while (!worker_.is_stopping()) {
      std::array<pollfd, 2> wait{{{file_, POLLIN, 0}, {worker_.stop_file(), POLLIN, 0}}};
      if (::poll(wait.data(), wait.size(), -1) < 0 || wait[0].revents == 0) {
        continue;
      }
      const ssize_t got = ::read(file_, block.data(), block.size());
      if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
        continue;
      }
      if (got < 0) {
        base::log_error("source '" + name_ + "' cannot be read: " + std::strerror(errno) +
                        "; what comes after is lost");
      }
      if (got <= 0) {
        has_ended_ = lines_.hand_on(LineCutter::Input::kEnded, worker_);
        if (got == 0 && has_ended_) {
          base::log_info("source '" + name_ + "' has come to its end");
        }
        return;
      }
      lines_.feed(std::string_view(block).substr(0, static_cast<std::size_t>(got)));
      if (!lines_.hand_on(LineCutter::Input::kMoreMayCome, worker_)) {
        return;
      }
    }
    // A pipe cannot be read again: what is left of a line is handed over too.
    (void)lines_.hand_on(LineCutter::Input::kEnded, worker_);
  }

  const std::string name_;
  const int file_;
  const BadPieceSink bad_;
  Delivery delivery_;
  StreamLines lines_;
  std::atomic<bool> has_ended_{false};
  Worker worker_;  // last: its thread ends before the others do
};

StreamSource::StreamSource(PipeOptions options, std::string name, int file, BlockingBatchSink sink,
                           BadPieceSink bad, const base::Clock& clock)
    : impl_(std::make_unique<Impl>(options, std::move(name), file, std::move(sink), std::move(bad),
                                   clock)) {}
StreamSource::~StreamSource() = default;
base::Result<void> StreamSource::start() { return impl_->start(); }
void StreamSource::ask_to_stop() { impl_->ask_to_stop(); }
bool StreamSource::stop(std::chrono::milliseconds deadline) { return impl_->stop(deadline); }
bool StreamSource::has_ended() const { return impl_->has_ended(); }

}  // namespace tiercel::source
