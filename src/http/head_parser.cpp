#include "head_parser.h"

#include <string>

#include <boost/beast/core/error.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

namespace tiercel::http {

namespace beast = boost::beast;

struct HeadParser::Impl {
  beast::http::request_parser<beast::http::empty_body> parser;
  std::size_t limit = 0;
  std::size_t taken = 0;  // bytes of the head
};

namespace {

std::string to_string(beast::string_view text) { return {text.data(), text.size()}; }

/// "/a?b" of "http://host/a?b": a client that takes us for a proxy sends the latter.
std::string_view origin_form(std::string_view target) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() > scheme.size() && same_word(target.substr(0, scheme.size()), scheme)) {
      const std::size_t slash = target.find('/', scheme.size());
      return slash == std::string_view::npos ? std::string_view("/") : target.substr(slash);
    }
  }
  return target;
}

bool is_gzip(std::string_view coding) {
  return same_word(coding, "gzip") || same_word(coding, "x-gzip");
}

}  // namespace

HeadParser::HeadParser(std::uint32_t header_limit) : impl_(std::make_unique<Impl>()) {
  impl_->limit = header_limit;
  impl_->parser.header_limit(header_limit);
  impl_->parser.body_limit(boost::none);
}

HeadParser::~HeadParser() = default;

HeadParser::Status HeadParser::parse(std::string_view bytes, std::size_t& consumed) {
  beast::error_code error;
  consumed = impl_->parser.put(boost::asio::const_buffer(bytes.data(), bytes.size()), error);
  impl_->taken += consumed;
  // Beast holds the start line and the fields to the limit, each for itself where they come at
  // once.
  const std::size_t rest = error == beast::http::error::need_more ? bytes.size() - consumed : 0;
  if ((!error || rest > 0) && impl_->taken + rest > impl_->limit) {
    return Status::kTooLong;
  }
  if (error == beast::http::error::need_more) {
    return Status::kNeedMore;
  }
  if (error == beast::http::error::header_limit) {
    return Status::kTooLong;
  }
  if (error) {
    return Status::kMalformed;
  }
  if (!impl_->parser.is_header_done()) {
    return Status::kNeedMore;
  }
  const auto& message = impl_->parser.get();
  const auto coding = message.find(beast::http::field::transfer_encoding);
  if (coding != message.end()) {
    // Anything but exactly "chunked" leaves it open where the body ends.
    if (message.version() < 11) {
      return Status::kMalformed;
    }
    if (message.count(beast::http::field::transfer_encoding) != 1 ||
        !same_word(to_string(coding->value()), "chunked")) {
      return Status::kUnsupported;
    }
  }
  return Status::kDone;
}

void HeadParser::describe(Request& request) const {
  const auto& message = impl_->parser.get();
  request.method = to_string(message.method_string());
  const std::string target = to_string(message.target());
  const std::string_view origin = origin_form(target);
  const std::size_t question = origin.find('?');
  request.path = origin.substr(0, question);
  request.query = question == std::string_view::npos ? "" : origin.substr(question + 1);
  request.headers.clear();
  for (const auto& field : message) {
    request.headers.push_back({to_string(field.name_string()), to_string(field.value())});
  }
  request.chunked = impl_->parser.chunked();
  request.content_length.reset();
  if (!request.chunked) {
    const auto length = impl_->parser.content_length();
    request.content_length = length ? *length : 0;
  }
  request.gzip = is_gzip(request.header("Content-Encoding"));
}

bool HeadParser::keep_alive() const { return impl_->parser.keep_alive(); }

bool HeadParser::is_http_1_0() const { return impl_->parser.get().version() < 11; }

bool HeadParser::expects_continue() const {
  const auto& message = impl_->parser.get();
  return message.version() >= 11 &&
         same_word(to_string(message[beast::http::field::expect]), "100-continue");
}

}  // namespace tiercel::http
