#include "tiercel/http/client.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <mutex>

#include <curl/curl.h>

#include "tiercel/base/secret_file.h"

#include "client_body.h"
#include "retry_after.h"

namespace tiercel::http {

namespace {

using HeaderList = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

void initialise_once() {
  static std::once_flag once;
  std::call_once(once, [] { (void)::curl_global_init(CURL_GLOBAL_DEFAULT); });
}

// More than any peer has to say in headers.
constexpr std::size_t kMostHeaders = std::size_t{256} << 10U;

bool is_readable(const std::string& path) { return std::ifstream(path).good(); }

bool is_one_line(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

base::Result<std::string> read_token(const std::string& path) {
  auto token = base::read_secret(path);
  if (!token) {
    return base::Error{"file_unreadable", "cannot read a token from bearer_token_file", path};
  }
  return base::Result<std::string>(boost::system::in_place_value, std::move(*token));
}

base::Error describe(CURLcode code, const char* detail) {
  const std::string reason = *detail != '\0' ? detail : ::curl_easy_strerror(code);
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return {"timeout", "the peer does not answer in time: " + reason, ""};
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {"connect_failed", reason + ": is the name right, does this host's DNS know it?", ""};
    case CURLE_COULDNT_CONNECT:
      return {"connect_failed", reason + ": is it running, is the port right?", ""};
    case CURLE_PEER_FAILED_VERIFICATION:
      return {"tls_failed",
              reason + ": set ca_cert to the authority that signed the peer's certificate", ""};
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_CIPHER:
      return {"tls_failed", reason, ""};
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
    case CURLE_GOT_NOTHING:
    case CURLE_PARTIAL_FILE:
    case CURLE_WEIRD_SERVER_REPLY:
      return {"reset", "the peer broke off the connection: " + reason, ""};
    case CURLE_ABORTED_BY_CALLBACK:
      return {"interrupted", "interrupted", ""};
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_URL_MALFORMAT:
      return {"bad_url", reason, ""};
    default:
      return {"request_failed", reason, ""};
  }
}

}  // namespace

class Client::Impl {
 public:
  explicit Impl(ClientOptions options) : options_(std::move(options)) {
    initialise_once();
    easy_.reset(::curl_easy_init());
    error_.fill('\0');
    set_fixed_options();
  }

  [[nodiscard]] base::Result<void> check() const;
  base::Result<ClientResponse> send(const ClientRequest& request);
  [[nodiscard]] const std::string& last_token() const { return token_; }
  void interrupt() { interrupted_.store(true); }

 private:
  struct Incoming {
    ClientResponse response;
    std::uint64_t most = 0;
    std::size_t header_bytes = 0;
  };

  template <class Value>
  void set(CURLoption option, Value value) {
    (void)::curl_easy_setopt(easy_.get(), option, value);
  }
  void set_fixed_options();
  void set_tls_options();
  [[nodiscard]] base::Result<HeaderList> headers(const ClientRequest& request);

  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* user);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* user);
  static int on_progress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t);

  const ClientOptions options_;
  std::string token_;
  std::unique_ptr<CURL, void (*)(CURL*)> easy_{nullptr, &::curl_easy_cleanup};
  std::array<char, CURL_ERROR_SIZE> error_{};
  std::atomic<bool> interrupted_{false};
  BodyEncoder encoder_;
};

void Client::Impl::set_fixed_options() {
  set(CURLOPT_ERRORBUFFER, error_.data());
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  // DIFFERS FROM FALCO: nothing; it does not follow them either. A redirect would turn the
  // POST into a GET and lose the alerts.
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, options_.proxy.c_str());
  if (!options_.unix_socket.empty()) {
    set(CURLOPT_UNIX_SOCKET_PATH, options_.unix_socket.c_str());
  }
  set(CURLOPT_USERAGENT, options_.user_agent.c_str());
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
  set(CURLOPT_TCP_KEEPALIVE, options_.tcp_keep_alive ? 1L : 0L);
  set(CURLOPT_ACCEPT_ENCODING, "");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_WRITEFUNCTION, &Impl::on_body);
  set(CURLOPT_HEADERFUNCTION, &Impl::on_header);
  set(CURLOPT_XFERINFOFUNCTION, &Impl::on_progress);
  set(CURLOPT_XFERINFODATA, this);
  set(CURLOPT_NOPROGRESS, 0L);
  if (!options_.username.empty()) {
    set(CURLOPT_HTTPAUTH, static_cast<long>(CURLAUTH_BASIC));
    set(CURLOPT_USERNAME, options_.username.c_str());
    set(CURLOPT_PASSWORD, options_.password.c_str());
  }
  set_tls_options();
}

void Client::Impl::set_tls_options() {
  set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (options_.insecure) {
    set(CURLOPT_SSL_VERIFYPEER, 0L);
    set(CURLOPT_SSL_VERIFYHOST, 0L);
  } else if (!options_.ca_cert.empty() || !options_.ca_bundle.empty()) {
    set(CURLOPT_CAINFO,
        options_.ca_cert.empty() ? options_.ca_bundle.c_str() : options_.ca_cert.c_str());
    set(CURLOPT_CAPATH, nullptr);
  } else if (!options_.ca_path.empty()) {
    set(CURLOPT_CAPATH, options_.ca_path.c_str());
  }
  if (options_.mtls) {
    set(CURLOPT_SSLCERT, options_.client_cert.c_str());
    set(CURLOPT_SSLKEY, options_.client_key.c_str());
  }
}

base::Result<void> Client::Impl::check() const {
  const auto need = [](const char* option, const std::string& path) -> base::Result<void> {
    if (!path.empty() && !is_readable(path)) {
      return base::Error{"file_unreadable", std::string("cannot read the file of ") + option, path};
    }
    return {};
  };
  std::vector<std::pair<const char*, const std::string*>> files{{"ca_cert", &options_.ca_cert},
                                                                {"ca_bundle", &options_.ca_bundle}};
  if (options_.mtls) {
    files.insert(files.end(),
                 {{"client_cert", &options_.client_cert}, {"client_key", &options_.client_key}});
  }
  for (const auto& [option, path] : files) {
    if (auto readable = need(option, *path); !readable) {
      return readable;
    }
  }
  if (!options_.bearer_token_file.empty()) {
    if (const auto token = read_token(options_.bearer_token_file); !token) {
      return token.error();
    }
  }
  if (!is_one_line(options_.bearer_token) || !is_one_line(options_.user_agent)) {
    return base::Error{"bad_header", "bearer_token and user_agent must be one line", ""};
  }
  for (const auto& [name, value] : options_.headers) {
    if (name.empty() || name.find_first_of(": \t") != std::string::npos || !is_one_line(name) ||
        !is_one_line(value)) {
      return base::Error{"bad_header", "a header has a name without blanks and one line of text",
                         name};
    }
  }
  if (!options_.proxy.empty()) {
    if (const std::string complaint = url_complaint(options_.proxy); !complaint.empty()) {
      // Without the URL: its user may stand in it with a password.
      return base::Error{"bad_url", "`proxy` " + complaint, ""};
    }
  }
  return {};
}

base::Result<HeaderList> Client::Impl::headers(const ClientRequest& request) {
  HeaderList list(nullptr, &::curl_slist_free_all);
  const auto add = [&list](const std::string& line) {
    curl_slist* const longer = ::curl_slist_append(list.get(), line.c_str());
    if (longer != nullptr) {
      (void)list.release();
      list.reset(longer);
    }
  };
  add("Expect:");
  add("Content-Type: " + std::string(request.content_type));
  if (const std::string_view coding = BodyEncoder::name(options_.compression); !coding.empty()) {
    add("Content-Encoding: " + std::string(coding));
  }
  token_ = options_.bearer_token;
  if (!options_.bearer_token_file.empty()) {
    auto read = read_token(options_.bearer_token_file);
    if (!read) {
      return read.error();
    }
    token_ = std::move(*read);
  }
  if (!token_.empty()) {
    add("Authorization: Bearer " + token_);
  }
  for (const auto* const some : {&options_.headers, &request.headers}) {
    for (const auto& [name, value] : *some) {
      // A semicolon is how libcurl is told of a header without a value.
      std::string line = name;
      add(line.append(value.empty() ? ";" : ": ").append(value));
    }
  }
  return base::Result<HeaderList>(boost::system::in_place_value, std::move(list));
}

std::size_t Client::Impl::on_body(char* data, std::size_t size, std::size_t count, void* user) {
  Incoming& incoming = *static_cast<Incoming*>(user);
  const std::size_t length = size * count;
  const std::size_t room = incoming.most - incoming.response.body.size();
  incoming.response.body.append(data, std::min(length, room));
  // A peer may send without end: its status is known, and that is enough.
  incoming.response.is_cut = length > room;
  return incoming.response.is_cut ? 0 : length;
}

std::size_t Client::Impl::on_header(char* data, std::size_t size, std::size_t count, void* user) {
  Incoming& incoming = *static_cast<Incoming*>(user);
  const std::string_view line(data, size * count);
  incoming.header_bytes += line.size();
  if (incoming.header_bytes > kMostHeaders) {
    return 0;
  }
  if (const auto value = header_value(line, "retry-after")) {
    incoming.response.retry_after = parse_retry_after(*value, std::chrono::system_clock::now());
  } else if (const auto target = header_value(line, "location")) {
    incoming.response.location = *target;
  } else if (line.starts_with("HTTP/")) {
    incoming.response.retry_after.reset();  // of an answer before this one (100, a proxy's)
    incoming.response.location.clear();
  }
  return line.size();
}

int Client::Impl::on_progress(void* user, curl_off_t /*down*/, curl_off_t /*down_now*/,
                              curl_off_t /*up*/, curl_off_t /*up_now*/) {
  return static_cast<const Impl*>(user)->interrupted_.load() ? 1 : 0;
}

base::Result<ClientResponse> Client::Impl::send(const ClientRequest& request) {
  if (interrupted_.load()) {
    return base::Error{"interrupted", "interrupted", ""};
  }
  auto list = headers(request);
  if (!list) {
    return list.error();
  }
  const auto body = encoder_.encode(options_.compression, request.body);
  if (!body) {
    return body.error();
  }
  Incoming incoming;
  incoming.most = options_.max_answer;
  const std::string url(request.url);
  const std::string method(request.method);
  set(CURLOPT_URL, url.c_str());
  set(CURLOPT_HTTPHEADER, list->get());
  set(CURLOPT_WRITEDATA, &incoming);
  set(CURLOPT_HEADERDATA, &incoming);
  if (method == "GET") {
    set(CURLOPT_HTTPGET, 1L);
    set(CURLOPT_CUSTOMREQUEST, nullptr);
  } else {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, body->data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body->size()));
    set(CURLOPT_CUSTOMREQUEST, method.c_str());
  }
  error_.front() = '\0';
  const CURLcode code = ::curl_easy_perform(easy_.get());
  if (code == CURLE_WRITE_ERROR && !incoming.response.is_cut) {
    return base::Error{"reset", "the peer's answer has too many headers", ""};
  }
  if (code != CURLE_OK && code != CURLE_WRITE_ERROR) {
    return describe(code, error_.data());
  }
  long status = 0;
  char* type = nullptr;
  ::curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
  ::curl_easy_getinfo(easy_.get(), CURLINFO_CONTENT_TYPE, &type);
  incoming.response.status = static_cast<int>(status);
  incoming.response.content_type = type == nullptr ? "" : type;
  curl_header* wanted = nullptr;
  if (!request.wanted_header.empty() &&
      ::curl_easy_header(easy_.get(), std::string(request.wanted_header).c_str(), 0, CURLH_HEADER,
                         -1, &wanted) == CURLHE_OK) {
    incoming.response.wanted_header = wanted->value;
  }
  return std::move(incoming.response);
}

Client::Client(ClientOptions options) : impl_(std::make_unique<Impl>(std::move(options))) {}
Client::~Client() = default;

base::Result<void> Client::check() const { return impl_->check(); }
base::Result<ClientResponse> Client::send(const ClientRequest& request) {
  return impl_->send(request);
}
const std::string& Client::last_token() const { return impl_->last_token(); }
void Client::interrupt() { impl_->interrupt(); }

}  // namespace tiercel::http
