#include "head_parser.h"

#include <array>
#include <string>

#include <gtest/gtest.h>

#include "response_text.h"

namespace tiercel::http {
namespace {

using Status = HeadParser::Status;

std::string name(Status status) {
  switch (status) {
    case Status::kNeedMore:
      return "more";
    case Status::kDone:
      return "done";
    case Status::kTooLong:
      return "too long";
    case Status::kMalformed:
      return "malformed";
    case Status::kUnsupported:
      return "unsupported";
  }
  return "?";
}

/// Gives the text in steps; keeps what was not consumed, as a connection does.
Status feed(HeadParser& parser, std::string_view text, std::size_t step) {
  std::string pending;
  Status status = Status::kNeedMore;
  for (std::size_t at = 0; at < text.size() && status == Status::kNeedMore; at += step) {
    pending += text.substr(at, step);
    std::size_t consumed = 0;
    status = parser.parse(pending, consumed);
    pending.erase(0, consumed);
  }
  return status;
}

std::string describe(std::string_view text, std::size_t step) {
  HeadParser parser(1024);
  const Status status = feed(parser, text, step);
  if (status != Status::kDone) {
    return name(status);
  }
  Request request;
  parser.describe(request);
  std::string out = request.method + " " + request.path + "|" + request.query + "|";
  out += request.chunked ? "chunked"
                         : (request.content_length ? std::to_string(*request.content_length) : "-");
  out += request.gzip ? " gzip" : "";
  out += parser.keep_alive() ? " keep" : " close";
  out += parser.expects_continue() ? " expect" : "";
  return out;
}

TEST(HeadParser, ReadsHeadsHoweverTheyArrive) {
  struct Case {
    std::string text;
    std::string want;
  };
  for (const Case& c : {
           Case{"GET / HTTP/1.1\r\n\r\n", "GET /||0 keep"},
           Case{"GET /a?b=c?d HTTP/1.1\r\nHost: x\r\n\r\n", "GET /a|b=c?d|0 keep"},
           Case{"POST http://h:1/k8s_audit?timeout=30s HTTP/1.1\r\nContent-Length: 5\r\n\r\n",
                "POST /k8s_audit|timeout=30s|5 keep"},
           Case{"GET http://h HTTP/1.1\r\n\r\n", "GET /||0 keep"},
           Case{"GET / HTTP/1.0\r\n\r\n", "GET /||0 close"},
           Case{"GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", "GET /||0 keep"},
           Case{"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", "GET /||0 close"},
           Case{"POST / HTTP/1.1\r\nTransfer-Encoding: CHUNKED\r\n\r\n", "POST /||chunked keep"},
           Case{"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Encoding: x-gzip\r\n\r\n",
                "POST /||1 gzip keep"},
           Case{"POST / HTTP/1.1\r\nContent-Length: 1\r\nExpect: 100-Continue\r\n\r\n",
                "POST /||1 keep expect"},
           Case{"POST / HTTP/1.0\r\nContent-Length: 1\r\nExpect: 100-continue\r\n\r\n",
                "POST /||1 close"},
           // Two readings of where a body ends are an attack on whoever stands before us.
           Case{"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "malformed"},
           Case{"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", "malformed"},
           Case{"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", "malformed"},
           Case{"POST / HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                "malformed"},
           Case{"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
                "malformed"},
           Case{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", "malformed"},
           Case{"POST / HTTP/1.1\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", "unsupported"},
           Case{"POST / HTTP/1.1\r\nTransfer-Encoding: identity\r\n\r\n", "unsupported"},
           Case{"GET / HTTP/2.0\r\n\r\n", "malformed"},
           Case{"GET /\r\n\r\n", "malformed"},
           Case{"GET / a HTTP/1.1\r\n\r\n", "malformed"},
           Case{"GET / HTTP/1.1\r\nno colon\r\n\r\n", "malformed"},
           Case{"GET / HTTP/1.1\r\nA : b\r\n\r\n", "malformed"},
           Case{"\x16\x03\x01\x02\x00 TLS \r\n\r\n", "malformed"},
           Case{"GET / HTTP/1.1\r\nA: " + std::string(2000, 'x') + "\r\n\r\n", "too long"},
           Case{"GET /" + std::string(2000, 'x') + " HTTP/1.1\r\n\r\n", "too long"},
           Case{"GET / HTTP/1.1\r\nA: b\r\n", "more"},
       }) {
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
      EXPECT_EQ(describe(c.text, step), c.want) << c.text << " in steps of " << step;
    }
  }
}

// The start line counts with the fields, also where all of it comes at once.
TEST(HeadParser, HoldsTheWholeHeadToItsLimit) {
  const auto head = [](std::size_t line, std::size_t size) {
    const std::string start = "GET /" + std::string(line, 'a') + " HTTP/1.1\r\nX: ";
    return start + std::string(size - start.size() - 4, 'b') + "\r\n\r\n";
  };
  for (const std::size_t line : {1U, 500U, 900U}) {
    for (const std::size_t step : {1U, 7U, 4096U}) {
      HeadParser fits(1024);
      EXPECT_EQ(name(feed(fits, head(line, 1024), step)), "done") << line << " " << step;
      HeadParser one_more(1024);
      EXPECT_EQ(name(feed(one_more, head(line, 1025), step)), "too long") << line << " " << step;
      HeadParser two_limits(1024);
      EXPECT_EQ(name(feed(two_limits, head(line, 1900), step)), "too long") << line << " " << step;
    }
  }
}

TEST(ResponseText, WritesHeadsThatNobodyCanSplit) {
  Response response = text_response(429, "busy");
  response.headers.push_back({"Retry-After", "1\r\nSet-Cookie: x"});
  std::string head = response_head(response, "close");
  const std::size_t date = head.find("Date: ");
  ASSERT_NE(date, std::string::npos);
  head.erase(date, head.find("\r\n", date) + 2 - date);
  EXPECT_EQ(head,
            "HTTP/1.1 429 Too Many Requests\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Retry-After: 1Set-Cookie: x\r\nConnection: close\r\nContent-Length: 5\r\n\r\n");
  EXPECT_NE(response_head(Response{}, "").find("HTTP/1.1 200 OK\r\n"), std::string::npos);
  EXPECT_NE(response_head(Response{}, "").find("Content-Length: 0\r\n"), std::string::npos);
}

}  // namespace
}  // namespace tiercel::http
