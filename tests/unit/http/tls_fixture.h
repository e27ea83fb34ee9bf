#pragma once

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>

#include "certificates.h"
#include "test_server.h"

namespace tiercel::http {

using support::Certificate;
using support::make_certificate;
using support::TlsClientOptions;

class Tls : public testing::Test {
 protected:
  Tls() {
    std::string name = (std::filesystem::temp_directory_path() / "tiercel-tls-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~Tls() override { std::filesystem::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  TlsOptions one_file() {
    const Certificate made = make_certificate();
    ca_ = write("ca.pem", made.certificate);
    return {.enabled = true,
            .certificate_file = write("both.pem", made.certificate + made.key),
            .key_file = {},
            .client_ca_file = {}};
  }
  static std::string start_error(const TlsOptions& tls) {
    ServerOptions options;
    options.addresses = {{"127.0.0.1", 0}};
    options.tls = tls;
    base::Metrics metrics;
    Server server(options, Router{}, metrics);
    const auto started = server.start();
    return started ? "" : started.error().code;
  }

  std::filesystem::path folder_;
  std::string ca_;
};

}  // namespace tiercel::http
