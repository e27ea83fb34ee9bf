#include "test_server.h"

namespace tiercel::http {
namespace {

std::string print(const HttpAnswer& answer) {
  return std::to_string(answer.status) + " [" + answer.header("Connection") + "] " + answer.body;
}

TEST(Server, KeepsConnectionsAlive) {
  TestServer server;
  auto client = server.client();
  for (int i = 0; i < 3; ++i) {
    EXPECT_EQ(print(client.exchange(post("/echo", "body" + std::to_string(i)))),
              "200 [] body" + std::to_string(i));
  }
  EXPECT_EQ(server.count(Metric::kConnections), 1U);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  TestServer server;
  auto client = server.client();
  client.send(post("/echo", "one") + "\r\n" + get("/healthz") + post("/echo", "two") +
              post("/nowhere", "three") + post("/echo", "four"));
  EXPECT_EQ(print(client.read_answer()), "200 [] one");
  EXPECT_EQ(print(client.read_answer()), "200 [] {\"status\": \"ok\"}");
  EXPECT_EQ(print(client.read_answer()), "200 [] two");
  EXPECT_EQ(client.read_answer().status, 404);
  EXPECT_EQ(print(client.read_answer()), "200 [] four");
}

TEST(Server, ReadsABodyThatComesByteByByte) {
  TestServer server;
  auto client = server.client();
  for (const char c : post("/echo", "slowly", "Content-Encoding: identity\r\n")) {
    ASSERT_TRUE(client.send(std::string(1, c)));
  }
  EXPECT_EQ(print(client.read_answer()), "200 [] slowly");
}

TEST(Server, SpeaksHttp10) {
  TestServer server;
  auto client = server.client();
  EXPECT_EQ(print(client.exchange("POST /echo HTTP/1.0\r\nConnection: keep-alive\r\n"
                                  "Content-Length: 2\r\n\r\nhi")),
            "200 [keep-alive] hi");
  EXPECT_EQ(print(client.exchange("POST /echo HTTP/1.0\r\nContent-Length: 2\r\n\r\nho")),
            "200 [close] ho");
  EXPECT_TRUE(client.closed_by_peer());
}

TEST(Server, ClosesWhenAsked) {
  TestServer server;
  auto client = server.client();
  EXPECT_EQ(print(client.exchange(post("/echo", "x", "Connection: close\r\n"))), "200 [close] x");
  EXPECT_TRUE(client.closed_by_peer());
}

TEST(Server, ReadsChunkedBodiesAndGoesOn) {
  TestServer server;
  auto client = server.client();
  EXPECT_EQ(print(client.exchange("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
                                  "5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nT: x\r\n\r\n")),
            "200 [] hello world");
  EXPECT_EQ(print(client.exchange(post("/echo", "next"))), "200 [] next");
  EXPECT_EQ(
      client.exchange("POST /echo HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n").status,
      400);
  EXPECT_TRUE(client.closed_by_peer());
}

TEST(Server, UnpacksGzip) {
  TestServer server;
  auto client = server.client();
  const std::string text(300'000, 'z');
  const std::string packed = support::gzipped(text);
  EXPECT_EQ(client.exchange(post("/echo", packed, "Content-Encoding: gzip\r\n")).body, text);
  EXPECT_EQ(client.exchange(post("/echo", packed + packed, "Content-Encoding: gzip\r\n")).body,
            text + text);
  // What is wrong inside is the handler's to answer, and the connection goes on.
  EXPECT_EQ(client.exchange(post("/echo", "not gzip", "Content-Encoding: gzip\r\n")).body,
            "error: bad_gzip\n");
  EXPECT_EQ(client
                .exchange(post("/echo", packed.substr(0, packed.size() - 3),
                               "Content-Encoding: gzip\r\n"))
                .body,
            "error: bad_gzip\n");
  EXPECT_EQ(client.exchange(post("/echo", "", "Content-Encoding: gzip\r\n")).body, "");
}

TEST(Server, RefusesOtherEncodings) {
  TestServer server;
  auto client = server.client();
  const HttpAnswer answer = client.exchange(post("/echo", "x", "Content-Encoding: br\r\n"));
  EXPECT_EQ(answer.status, 415);
  EXPECT_EQ(answer.header("Accept-Encoding"), "gzip");
  EXPECT_EQ(server.count(Metric::kRejectedType), 1U);
}

TEST(Server, SaysContinueToAClientThatWaits) {
  TestServer server;
  auto client = server.client();
  client.send("POST /echo HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_answer(false, true).status, 100);
  EXPECT_EQ(print(client.exchange("body")), "200 [] body");
  // A body that is not wanted is not asked for.
  client.send("POST /early HTTP/1.1\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(client.read_answer(false, true).status, 429);
}

TEST(Server, AnswersWrongPathsAndMethods) {
  TestServer server;
  auto client = server.client();
  EXPECT_EQ(client.exchange(post("/nowhere", "x")).status, 404);
  EXPECT_EQ(client.exchange(post("/echo/", "x")).status, 404);
  EXPECT_EQ(client.exchange(post("/echo?timeout=30s", "x")).status, 200);
  const HttpAnswer answer = client.exchange(get("/echo"));
  EXPECT_EQ(answer.status, 405);
  EXPECT_EQ(answer.header("Allow"), "POST");
  EXPECT_EQ(server.count(Metric::kRejectedPath), 2U);
  EXPECT_EQ(server.count(Metric::kRejectedMethod), 1U);
  EXPECT_EQ(server.unknown_paths.load(), 2);
}

TEST(Server, AnswersHeadWithoutABody) {
  TestServer server;
  auto client = server.client();
  client.send("HEAD /healthz HTTP/1.1\r\n\r\n");
  const HttpAnswer answer = client.read_answer(true);
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.header("Content-Length"), "16");
  EXPECT_EQ(answer.header("Content-Type"), "application/json");
  EXPECT_EQ(print(client.exchange(get("/healthz"))), "200 [] {\"status\": \"ok\"}");
}

TEST(Server, AnswersAClientThatClosedItsHalf) {
  TestServer server;
  auto client = server.client();
  client.send(post("/echo", "last words"));
  client.end_sending();
  EXPECT_EQ(print(client.read_answer()), "200 [] last words");
  EXPECT_TRUE(client.closed_by_peer());

  auto cut_short = server.client();
  cut_short.send("POST /echo HTTP/1.1\r\nContent-Length: 10\r\n\r\nhalf");
  cut_short.end_sending();
  EXPECT_EQ(cut_short.read_answer().status, 400);
  EXPECT_EQ(server.count(Metric::kRejectedHeader), 1U);
}

TEST(Server, AnswersMalformedRequests) {
  TestServer server;
  for (const char* text : {"nonsense\r\n\r\n", "GET / HTTP/2.0\r\n\r\n",
                           "POST /echo HTTP/1.1\r\nContent-Length: x\r\n\r\n",
                           "\x16\x03\x01\x02\x01\x01\x01\xfc\x03\x03 a TLS hello\r\n\r\n"}) {
    auto client = server.client();
    EXPECT_EQ(print(client.exchange(text)), "400 [close] Bad Request\n") << text;
    EXPECT_TRUE(client.closed_by_peer());
  }
  auto client = server.client();
  EXPECT_EQ(client.exchange("POST /echo HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n").status, 501);
  EXPECT_EQ(server.count(Metric::kRejectedHeader), 5U);
}

TEST(Server, HandsOutAPrefixOfALongBodyAndDrainsTheRest) {
  TestServer server;
  auto client = server.client();
  const std::string body(5U << 20U, 'b');
  const HttpAnswer answer = client.exchange(post("/echo", body));
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.body.size(), (4U << 20U) + 1 + 3);
  EXPECT_EQ(answer.body.substr(answer.body.size() - 4), "b...");
  const std::string exact(4U << 20U, 'b');
  EXPECT_EQ(client.exchange(post("/echo", exact)).body, exact);
  EXPECT_EQ(client.exchange(post("/count", body)).body, std::to_string(body.size()) + "\n");
}

TEST(Server, SpreadsConnectionsOverItsThreads) {
  TestServer server({}, {}, 3);
  std::vector<HttpClient> clients;
  for (int i = 0; i < 9; ++i) {
    clients.push_back(server.client());
  }
  for (auto& client : clients) {
    EXPECT_EQ(print(client.exchange(post("/echo", "x"))), "200 [] x");
  }
  EXPECT_EQ(server.server().connections(), 9U);
  clients.clear();
  EXPECT_TRUE(eventually([&] { return server.server().connections() == 0; }));
}

}  // namespace
}  // namespace tiercel::http
