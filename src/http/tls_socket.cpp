#include "tls_socket.h"

#include <cerrno>
#include <cstdint>

#include <openssl/bio.h>
#include <sys/socket.h>

namespace tiercel::http {

namespace {

int descriptor_of(BIO* bio) {
  return static_cast<int>(reinterpret_cast<std::intptr_t>(BIO_get_data(bio)));
}

bool may_try_again() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

int read_more(BIO* bio, char* room, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t got = ::recv(descriptor_of(bio), room, static_cast<std::size_t>(size), 0);
  if (got < 0 && may_try_again()) {
    BIO_set_retry_read(bio);
  } else if (got == 0) {
    BIO_set_flags(bio, BIO_FLAGS_IN_EOF);
  }
  return static_cast<int>(got);
}

int write_more(BIO* bio, const char* bytes, int size) {
  BIO_clear_retry_flags(bio);
  const ssize_t put =
      ::send(descriptor_of(bio), bytes, static_cast<std::size_t>(size), MSG_NOSIGNAL);
  if (put < 0 && may_try_again()) {
    BIO_set_retry_write(bio);
  }
  return static_cast<int>(put);
}

long control(BIO* bio, int command, long /*number*/, void* /*pointer*/) {
  switch (command) {
    case BIO_CTRL_FLUSH:
      return 1;  // nothing is held back here
    case BIO_CTRL_EOF:
      return BIO_test_flags(bio, BIO_FLAGS_IN_EOF) != 0 ? 1 : 0;
    default:
      return 0;
  }
}

BIO_METHOD* make_method() {
  BIO_METHOD* const method =
      BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "tiercel socket");
  if (method != nullptr) {
    BIO_meth_set_read(method, &read_more);
    BIO_meth_set_write(method, &write_more);
    BIO_meth_set_ctrl(method, &control);
  }
  return method;
}

}  // namespace

BIO* make_socket_bio(int descriptor) {
  static BIO_METHOD* const kMethod = make_method();  // for all connections, to the end
  BIO* const bio = kMethod == nullptr ? nullptr : BIO_new(kMethod);
  if (bio != nullptr) {
    // NOLINTNEXTLINE(performance-no-int-to-ptr): all that a BIO can keep is a pointer.
    BIO_set_data(bio, reinterpret_cast<void*>(static_cast<std::intptr_t>(descriptor)));
    BIO_set_init(bio, 1);
  }
  return bio;
}

}  // namespace tiercel::http
