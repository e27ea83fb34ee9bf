#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

#include "field_table.h"
#include "walk.h"

namespace tiercel::audit {

/// Where a pod spec is: below `prefix` of `from`. The prefix is a part of every walk,
/// so that arrays in it are opened too (a JSON Patch body is an array).
struct PodPlace {
  Json from;
  Path prefix;
};
using FindPod = PodPlace (*)(const FieldInput& input, base::Arena& arena);

struct PodRow;

/// One question to a pod spec.
struct PodQuestion {
  const PodPlace& place;
  const PodRow& row;
  std::string_view list;  ///< containers, initContainers, …; empty for the pod itself
  const std::optional<std::uint64_t>& index;
};

/// A quantity of a pod or of its containers. The one table from which ka.req.pod.*
/// and ka.workload.* are made: they differ only in where the spec is.
struct PodRow {
  std::string_view name;
  base::ValueShape shape;
  FieldArg arg;
  std::string_view since;
  std::string_view doc;  ///< `@` stands for the kind of container
  base::Value (*read)(const PodQuestion& question, base::Arena& arena);
  std::array<std::string_view, 3> path;  ///< below the spec or the container
};

/// A list of containers in a pod spec.
struct ContainerList {
  std::string_view name;
  std::string_view kind;   ///< what its elements are called
  std::string_view since;  ///< empty: since when the row says
};

extern const std::array<PodRow, 10> kPodRows;
extern const std::array<PodRow, 15> kContainerRows;
inline constexpr std::array<ContainerList, 3> kContainerLists{{
    {"containers", "container", ""},
    {"initContainers", "init container", "k8saudit 0.18"},
    {"ephemeralContainers", "ephemeral container", "k8saudit 0.18"},
}};

/// How a family presents the rows.
struct PodFamily {
  std::string_view prefix;  ///< "ka.req.pod."
  bool ours;
  FieldPart part;
  std::string_view doc_suffix;
};

[[nodiscard]] Field pod_field(FieldTable& table, const PodFamily& family, const PodRow& row,
                              const ContainerList* list);
/// False for the one name that Falco's ephemeral containers lack.
[[nodiscard]] bool list_has_row(const ContainerList& list, const PodRow& row);

template <FindPod find, std::size_t row>
base::Value read_pod(const FieldInput& input, base::Arena& arena) {
  const PodPlace place = find(input, arena);
  return kPodRows[row].read({place, kPodRows[row], {}, input.argument.index}, arena);
}

template <FindPod find, std::size_t list, std::size_t row>
base::Value read_container(const FieldInput& input, base::Arena& arena) {
  const PodPlace place = find(input, arena);
  const PodQuestion question{place, kContainerRows[row], kContainerLists[list].name,
                             input.argument.index};
  return question.row.read(question, arena);
}

/// Adds the rows of one list of containers.
template <FindPod find, std::size_t list, std::size_t... rows>
void add_container_rows(FieldTable& table, const PodFamily& family,
                        std::index_sequence<rows...> /*all*/) {
  const auto add = [&](std::size_t row, auto extract) {
    if (list_has_row(kContainerLists[list], kContainerRows[row])) {
      Field field = pod_field(table, family, kContainerRows[row], &kContainerLists[list]);
      field.extract = extract;
      table.add(field);
    }
  };
  (add(rows, &with_audit_id<read_container<find, list, rows>>), ...);
}

template <FindPod find, std::size_t... rows>
void add_pod_rows(FieldTable& table, const PodFamily& family,
                  std::index_sequence<rows...> /*all*/) {
  const auto add = [&](std::size_t row, auto extract) {
    Field field = pod_field(table, family, kPodRows[row], nullptr);
    field.extract = extract;
    table.add(field);
  };
  (add(rows, &with_audit_id<read_pod<find, rows>>), ...);
}

/// Adds all rows for pod specs found by `find`.
template <FindPod find>
void add_pod_family(FieldTable& table, const PodFamily& family) {
  add_pod_rows<find>(table, family, std::make_index_sequence<kPodRows.size()>{});
  constexpr auto kAll = std::make_index_sequence<kContainerRows.size()>{};
  add_container_rows<find, 0>(table, family, kAll);
  add_container_rows<find, 1>(table, family, kAll);
  add_container_rows<find, 2>(table, family, kAll);
}

}  // namespace tiercel::audit
