#include "open_params.h"

#include "scalar.h"

namespace tiercel::config {

namespace {

OpenParameters problem(std::string text, std::string hint = {}) {
  OpenParameters parameters;
  parameters.problem = std::move(text);
  parameters.hint = std::move(hint);
  return parameters;
}

OpenParameters refused(std::string text, std::string hint) {
  OpenParameters parameters = problem(std::move(text), std::move(hint));
  parameters.is_refused = true;
  return parameters;
}

// "HOST:PORT" into the receiver; what is wrong, or nothing.
std::string read_authority(std::string_view authority, PluginReceiver& receiver) {
  std::string_view port;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) {
      return "the bracket before the address is not closed";
    }
    receiver.host = authority.substr(1, close - 1);
    authority.remove_prefix(close + 1);
    if (!authority.empty() && !authority.starts_with(':')) {
      return "a colon and the port must follow the address";
    }
    port = authority.empty() ? authority : authority.substr(1);
  } else {
    const std::size_t colon = authority.find(':');
    receiver.host = authority.substr(0, colon);
    port = colon == std::string_view::npos ? std::string_view{} : authority.substr(colon + 1);
  }
  if (port.empty()) {
    if (!receiver.host.empty()) {
      return "the port is missing";
    }
    receiver.port = receiver.tls ? 443 : 80;
    return {};
  }
  const Integer number = parse_integer(port);
  if (number.kind != Integer::Kind::kFits || number.value > 65535 || port.front() == '+') {
    return "not a port: '" + std::string(port) + "'";
  }
  receiver.port = static_cast<std::uint16_t>(number.value);
  return {};
}

}  // namespace

OpenParameters parse_open_parameters(std::string_view text) {
  OpenParameters parameters;
  std::string_view rest = text;
  if (text.starts_with("file://")) {
    return refused("following a file is not there yet",
                   "send the audit log over the webhook, or read a finished file with "
                   "`tiercel replay`");
  }
  if (text.starts_with("https://")) {
    parameters.receiver.tls = true;
    rest.remove_prefix(8);
  } else if (text.starts_with("http://")) {
    rest.remove_prefix(7);
  } else if (text.find("://") != std::string_view::npos) {
    return problem("only http and https are known");
  } else {
    return refused("reading a file is not a daemon's task",
                   "use `tiercel replay " + std::string(text) + "`");
  }
  const std::size_t slash = rest.find_first_of("/?#");
  const std::string wrong = read_authority(rest.substr(0, slash), parameters.receiver);
  if (!wrong.empty()) {
    return problem(wrong, "for example: http://127.0.0.1:9765/k8s-audit");
  }
  if (slash != std::string_view::npos) {
    rest.remove_prefix(slash);
    const std::string_view path = rest.substr(0, rest.find_first_of("?#"));
    if (!path.empty()) {
      parameters.receiver.path = path;
    }
  }
  return parameters;
}

}  // namespace tiercel::config
