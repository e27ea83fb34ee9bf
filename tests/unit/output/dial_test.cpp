// Connecting to a name of several addresses.
#include "dial.h"

#include <deque>

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netdb.h>
#include <netinet/in.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

namespace tiercel::output {
namespace {

using How = Dialled::How;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

/// Listens on a port of its own; `kSilent`: its queue is full, so that nobody is answered.
class Host {
 public:
  enum class Mode : std::uint8_t { kTakes, kSilent, kClosed };
  explicit Host(Mode mode) : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    ::bind(listener_.number(), reinterpret_cast<sockaddr*>(&address), size);
    ::getsockname(listener_.number(), reinterpret_cast<sockaddr*>(&address), &size);
    address_ = address;
    if (mode == Mode::kClosed) {
      return;
    }
    ::listen(listener_.number(), mode == Mode::kSilent ? 0 : 16);
    for (int waiting = 0; mode == Mode::kSilent && waiting < 8; ++waiting) {
      queue_.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
      (void)::connect(queue_.back().number(), reinterpret_cast<sockaddr*>(&address), size);
    }
  }
  [[nodiscard]] const sockaddr_in& address() const { return address_; }

 private:
  Descriptor listener_;
  sockaddr_in address_{};
  std::deque<Descriptor> queue_;
};

/// As getaddrinfo() gives them.
class Addresses {
 public:
  explicit Addresses(std::initializer_list<const Host*> hosts) {
    for (const Host* const host : hosts) {
      names_.push_back(host->address());
      addrinfo& one = list_.emplace_back();
      one.ai_family = AF_INET;
      one.ai_socktype = SOCK_STREAM;
      one.ai_addr = reinterpret_cast<sockaddr*>(&names_.back());
      one.ai_addrlen = sizeof(sockaddr_in);
      if (list_.size() > 1) {
        list_[list_.size() - 2].ai_next = &one;
      }
    }
  }
  Addresses(const Addresses&) = delete;  // they point into themselves
  Addresses& operator=(const Addresses&) = delete;
  [[nodiscard]] const addrinfo* get() const { return list_.empty() ? nullptr : &list_.front(); }

 private:
  std::deque<sockaddr_in> names_;
  std::deque<addrinfo> list_;
};

class Dial : public testing::Test {
 protected:
  const Descriptor interrupt_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)};
  const Host takes_{Host::Mode::kTakes};
  const Host silent_{Host::Mode::kSilent};
  const Host closed_{Host::Mode::kClosed};
};

// As with IPv6 that leads nowhere, beside IPv4 that does.
TEST_F(Dial, AnAddressThatNeverAnswersKeepsNobodyFromTheNext) {
  const Addresses addresses{&silent_, &takes_};
  const auto start = Clock::now();
  const Dialled dialled = dial(addresses.get(), milliseconds(600), interrupt_.number());
  EXPECT_EQ(dialled.how, How::kConnected) << dialled.reason;
  EXPECT_GE(Clock::now() - start, milliseconds(200)) << "the first one had its share";
  sockaddr_in peer{};
  socklen_t size = sizeof peer;
  ASSERT_EQ(::getpeername(dialled.socket.number(), reinterpret_cast<sockaddr*>(&peer), &size), 0);
  EXPECT_EQ(peer.sin_port, takes_.address().sin_port);
}

TEST_F(Dial, AClosedOneCostsNoTime) {
  const Addresses addresses{&closed_, &takes_};
  EXPECT_EQ(dial(addresses.get(), std::chrono::minutes(10), interrupt_.number()).how,
            How::kConnected);
}

TEST_F(Dial, TellsWhatItKnows) {
  const Addresses none{};
  EXPECT_EQ(dial(none.get(), milliseconds(100), interrupt_.number()).reason, "no address");
  for (const Addresses& addresses :
       {Addresses{&closed_, &silent_}, Addresses{&silent_, &closed_}}) {
    const Dialled dialled = dial(addresses.get(), milliseconds(100), interrupt_.number());
    EXPECT_EQ(dialled.how, How::kFailed);
    EXPECT_EQ(dialled.reason, "Connection refused");
    EXPECT_FALSE(dialled.socket.is_open());
  }
  const Addresses silent{&silent_, &silent_};
  const auto start = Clock::now();
  EXPECT_EQ(dial(silent.get(), milliseconds(100), interrupt_.number()).how, How::kTimeout);
  EXPECT_LT(Clock::now() - start, std::chrono::seconds(20)) << "all of them within the time";
}

TEST_F(Dial, AnInterruptEndsIt) {
  const std::uint64_t one = 1;
  ASSERT_EQ(::write(interrupt_.number(), &one, sizeof one), static_cast<ssize_t>(sizeof one));
  const Addresses addresses{&silent_, &takes_};
  EXPECT_EQ(dial(addresses.get(), std::chrono::minutes(10), interrupt_.number()).how,
            How::kInterrupted);
}

}  // namespace
}  // namespace tiercel::output
