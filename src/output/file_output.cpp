#include <cerrno>
#include <string>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "descriptor.h"
#include "output_table.h"

namespace tiercel::output {

namespace {

// DIFFERS FROM FALCO: created 0640 instead of 0666 less the umask: alerts tell who did
// what, and are for the operators' group.
constexpr mode_t kMode = 0640;

// Appends alerts to a file, line by line, so that it can be tailed and rotated.
class FileOutput final : public Output {
 public:
  explicit FileOutput(std::string path) : path_(std::move(path)) {}

  base::Result<void> open() override {
    Descriptor file(::open(path_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, kMode));
    if (!file.is_open()) {
      return write_error(errno, path_);
    }
    file_ = std::move(file);
    return {};
  }

  base::Result<void> reopen() override { return open(); }

  base::Result<void> write(std::span<const std::string_view> chunks) override {
    if (!file_.is_open()) {
      if (auto opened = open(); !opened) {
        return opened;
      }
    }
    struct stat before {};
    const bool is_file = ::fstat(file_.number(), &before) == 0 && S_ISREG(before.st_mode);
    std::size_t written = 0;
    const int error = write_chunks(file_.number(), chunks, written);
    if (error == 0) {
      return {};
    }
    if (is_file && written > 0) {
      take_back(before.st_size, written);
    }
    if (error != ENOSPC && error != EDQUOT) {
      file_ = Descriptor();  // a stale handle, for one: the next write opens the path again
    }
    return write_error(error, path_);
  }

 private:
  // A repeat brings all these lines again, so the ones that went out are taken back,
  // unless somebody else has written behind them.
  void take_back(off_t size, std::size_t written) {
    struct stat now {};
    if (::fstat(file_.number(), &now) == 0 && now.st_size == size + static_cast<off_t>(written)) {
      (void)!::ftruncate(file_.number(), size);
    }
  }

  std::string path_;
  Descriptor file_;
};

}  // namespace

const OutputType kFileOutput{
    .name = "file",
    .doc = "Appends alerts to a file, one a line; reopened on SIGUSR1.",
    .enabled = [](const config::OutputSettings& settings) { return settings.file.enabled; },
    .make = [](const config::OutputSettings& settings) -> std::unique_ptr<Output> {
      return std::make_unique<FileOutput>(settings.file.filename);
    }};

}  // namespace tiercel::output
