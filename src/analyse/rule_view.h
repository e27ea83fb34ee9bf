#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tiercel/audit/field.h"
#include "tiercel/engine/rule_set.h"

#include "facts.h"

namespace tiercel::analyse {

/// A field that reads more than Metadata records.
struct BodyField {
  std::string key;  ///< as rules write it
  audit::FieldPart part = audit::FieldPart::kMetadata;
  bool of_managed_fields = false;
  /// It is there at every level and says something else at each (`jevt.obj`).
  bool is_whole = false;
};

/// What of a request is recorded.
struct Recorded {
  Level level = Level::kRequestResponse;
  bool omits_managed_fields = false;
};

/// What a rule makes of the requests that `Facts` describe, were everything recorded and as they
/// are recorded. A field that is not recorded is absent, and every check of it false: under `not`
/// the rule then matches what it should not.
struct Verdict {
  Tri full = Tri::kNo;
  Tri recorded = Tri::kNo;
  std::vector<const BodyField*> lost;   ///< by missing them it misses matches
  std::vector<const BodyField*> wrong;  ///< by missing them it matches where it should not
  [[nodiscard]] bool is_same() const { return lost.empty() && wrong.empty(); }
};

/// A rule prepared for such questions. Everything is concluded from its tree: sound, since what
/// is not understood counts as "perhaps".
class RuleView {
 public:
  /// Keeps a reference to the rule.
  explicit RuleView(const engine::CompiledRule& rule);

  [[nodiscard]] const engine::CompiledRule& rule() const { return *rule_; }
  [[nodiscard]] Verdict judge(const Facts& facts, const Recorded& recorded) const;
  /// Whether it may match some of these requests were everything recorded. Where it may not, it
  /// does not match what is recorded of them either.
  [[nodiscard]] bool can_match(const Facts& facts) const {
    return full_of(condition_, facts) != Tri::kNo;
  }
  /// The fields that its output prints and that are missing from these alerts.
  [[nodiscard]] std::vector<const BodyField*> missing_output(const Facts& facts,
                                                             const Recorded& recorded) const;
  /// The least level at which the rule matches and prints as if everything was recorded.
  [[nodiscard]] Level level_needed(const Facts& facts) const;
  [[nodiscard]] bool reads_stage() const { return reads_stage_; }
  [[nodiscard]] bool reads_managed_fields() const { return reads_managed_fields_; }
  /// The stages of such requests that it must see. Where it reads none, the one that each request
  /// ends with, and of those that last also the one before.
  [[nodiscard]] std::vector<Stage> stages(const Facts& facts) const;

  enum class Attribute : std::uint8_t {
    kNone,
    kStage,
    kVerb,
    kGroup,
    kResource,
    kSubresource,
    kSpace,
    kName,
    kUser,
    kGroups,
    kUri,
    kTime,
  };
  /// Adds its answers to what policies split requests by (users, groups, namespaces, names, URIs),
  /// a character for each check. Requests of one verb for one target, recorded alike, look the same
  /// to it where these are the same.
  void add_answers(const Facts& facts, std::string& out) const {
    add_answers(condition_, facts, out);
  }
  /// How many texts that compares.
  [[nodiscard]] std::size_t steps_of_answers() const { return steps_of_answers_; }
  /// The texts that its conditions compare this attribute with.
  [[nodiscard]] std::vector<std::string> texts_of(Attribute attribute) const;

 private:
  struct Literal {
    const condition::Check* check = nullptr;
    Attribute attribute = Attribute::kNone;
    std::vector<std::string> values;
    std::vector<BodyField> bodies;
  };
  struct Node {
    condition::Expr::Kind kind = condition::Expr::Kind::kCheck;
    std::vector<Node> operands;
    Literal literal;
  };
  // A missing field that makes a node's answer another: the node is true where all is recorded and
  // false where it is not (`gains`), or the other way round.
  struct Missing {
    const BodyField* field = nullptr;
    bool gains = false;
  };
  struct Answer {
    Tri full = Tri::kNo;
    Tri recorded = Tri::kNo;
  };

  [[nodiscard]] static Node prepare(const condition::Expr& expr);
  [[nodiscard]] static Literal prepare(const condition::Check& check);
  void note_uses(const Node& node);
  [[nodiscard]] static bool is_split(const Literal& literal);
  static void add_answers(const Node& node, const Facts& facts, std::string& out);
  [[nodiscard]] static Tri full_of(const Literal& literal, const Facts& facts);
  [[nodiscard]] static Tri full_of(const Node& node, const Facts& facts);
  [[nodiscard]] static Answer ask(const Node& node, const Facts& facts, const Recorded& recorded,
                                  std::vector<Missing>& out);
  [[nodiscard]] static Answer ask(const Literal& literal, const Facts& facts,
                                  const Recorded& recorded, std::vector<Missing>& out);

  const engine::CompiledRule* rule_;
  Node condition_;
  std::vector<BodyField> output_;
  std::vector<std::pair<Attribute, std::string>> texts_;
  std::size_t steps_of_answers_ = 0;
  bool reads_stage_ = false;
  bool reads_managed_fields_ = false;
};

}  // namespace tiercel::analyse
