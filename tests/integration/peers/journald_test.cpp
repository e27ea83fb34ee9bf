// The journal's socket bound by us in a private mount namespace, so that the output meets the
// path that it always uses and this machine's journal sees nothing.
#include <filesystem>

#include <gtest/gtest.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "local_support.h"

namespace tiercel::output {
namespace {

constexpr const char* kFolder = "/run/systemd/journal";
constexpr const char* kSocket = "/run/systemd/journal/socket";
constexpr int kCannot = 77;

int bind_journal() {
  const int socket = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::string_view(kSocket).copy(address.sun_path, sizeof address.sun_path - 1);
  return ::bind(socket, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 ? socket : -1;
}

bool enter_namespace() {
  std::error_code error;
  std::filesystem::create_directories(kFolder, error);
  return ::unshare(CLONE_NEWNS) == 0 &&
         ::mount("none", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) == 0 &&
         ::mount("tmpfs", kFolder, "tmpfs", 0, nullptr) == 0;
}

// What happens in the namespace; the exit status says how it went, standard error why.
int in_namespace() {
  if (!enter_namespace()) {
    return kCannot;
  }
  LocalOutput output(kJournaldOutput, {{"identifier", "watch"}});
  const Delivery without = output.write({"one\n"});
  if (without.again.size() != 1 || !without.error) {
    std::fprintf(stderr, "taken without a journal\n");
    return 1;
  }
  const int journal = bind_journal();
  if (journal < 0) {
    return kCannot;
  }
  if (!output.takes({"two\n"})) {
    std::fprintf(stderr, "not taken by the journal\n");
    return 1;
  }
  std::string entry(65536, '\0');
  const ssize_t got = ::recv(journal, entry.data(), entry.size(), 0);
  entry.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
  for (const char* const want : {"MESSAGE=two\n", "PRIORITY=0\n", "SYSLOG_IDENTIFIER=watch\n"}) {
    if (entry.find(want) == std::string::npos) {
      std::fprintf(stderr, "no %s in %s\n", want, entry.c_str());
      return 1;
    }
  }
  return 0;
}

TEST(Journald, TakesAlertsWithTheirFields) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::_exit(in_namespace());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  ASSERT_TRUE(WIFEXITED(status));
  if (WEXITSTATUS(status) == kCannot) {
    GTEST_SKIP() << "no private mount namespace here: it needs CAP_SYS_ADMIN";
  }
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

}  // namespace
}  // namespace tiercel::output
