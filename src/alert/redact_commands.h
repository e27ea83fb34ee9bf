#pragma once

#include <string_view>

#include "redact_engine.h"

namespace tiercel::alert {

/// Learns from a word how the flags of the program it may name hold passwords.
void note_program(std::string_view word, ArgumentState& state);

/// Learns from one word of a command that stands by itself, in a list or a parameter.
void note_first_word(std::string_view word, ArgumentState& state);

/// Whether `-p` of the command that `before` ends in is no password: `mkdir -p`, `ps -p`.
[[nodiscard]] bool is_plain_p(std::string_view before);

/// Whether the word behind this one is a credential: `requirepass …`, `IDENTIFIED BY …`,
/// `aws configure set aws_secret_access_key …`.
[[nodiscard]] bool announces_credential(std::string_view word, const ArgumentState& state);
/// The same of the second word behind this one: `rabbitmqctl add_user bob …`.
[[nodiscard]] bool announces_user(std::string_view word, const ArgumentState& state);
/// The same where what follows is in quotes: `password '…'`.
[[nodiscard]] bool announces_quoted(std::string_view word);

/// Behind `-p`: not a port, a mapping of ports, a path.
[[nodiscard]] bool is_password_argument(std::string_view word);

/// The length of the hash of a password that begins `text`, as crypt(3) writes it: `$6$…`; 0
/// when none does.
[[nodiscard]] std::size_t password_hash(std::string_view text);

}  // namespace tiercel::alert
