# bash completion of tiercel: source <(tiercel completion bash)
_tiercel() {
  local current="${COMP_WORDS[COMP_CWORD]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "run check replay fields operators rules config status outputs alerts store policy kubeconfig selftest doctor completion --help --version" -- "$current")
    return
  fi
  if [ "${COMP_WORDS[1]}" = completion ]; then
    mapfile -t COMPREPLY < <(compgen -W "bash zsh fish" -- "$current")
    return
  fi
  case "${COMP_WORDS[1]}" in
    run) words="-h --help -c --config -r --rules -o --option -D -T -t -p --print --version --config-schema -V --validate -L -l --list -N --markdown --format -v --list-plugins --plugin-info --support --dry-run -P --pidfile -M" ;;
    check) words="-h --help -c --config -r --rules -o --option -D -T -t -p --print --version --config-schema -V --validate -L -l --list -N --markdown --format -v --list-plugins --plugin-info --support --json" ;;
    replay) words="-h --help -c --config -r --rules -o --option -D -T -t -p --print --version --config-schema -V --validate -L -l --list -N --markdown --format -v --list-plugins --plugin-info --support --json --strict -q --quiet --redact --threads" ;;
    fields) words="-h --help --markdown --json -N --names -v --types" ;;
    operators) words="-h --help --markdown --json -N --names" ;;
    rules) words="-h --help -c --config -r --rules -o --option -D -T -t -p --print --json -L -l --cost --top --events" ;;
    config) words="-h --help -c --config -r --rules -o --option -D -T -t -p --print -h --help --reference --schema --markdown" ;;
    status) words="-h --help -c --config -r --rules -o --option -D -T -t -p --print --json" ;;
    outputs) words="-h --help -c --config -r --rules -o --option -D -T -t -p --print --kinds" ;;
    alerts) words="-h --help -c --config -r --rules -o --option -D -T -t -p --print --store --since --until --rule --priority --user --namespace --tag --id --limit -f --follow --json --verdicts --count-by" ;;
    store) words="-h --help" ;;
    policy) words="-h --help" ;;
    kubeconfig) words="-h --help --server --ca --client-cert --client-key --token --token-file --dir --for" ;;
    selftest) words="-h --help -c --config -r --rules -o --option -D -T -t -p --print --json --timeout --ca --client-cert --client-key --token-file" ;;
    doctor) words="-h --help -c --config -r --rules -o --option -D -T -t -p --print --json --kubeconfig --manifest --policy --etcd" ;;
    completion) words="-h --help" ;;
  esac
  if [[ "$current" == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -o filenames -F _tiercel tiercel
