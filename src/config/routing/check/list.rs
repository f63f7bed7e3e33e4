//! Lists of AS paths and communities: what nothing ever matches.

use crate::config::check::Checking;
use crate::config::code::E0374;
use crate::config::diag::Diagnostic;
use crate::config::index::Names;
use crate::config::routing::list::Rule;
use crate::config::routing::policy::Action;
use crate::config::source::Located;
use crate::types::PolicyName;

/// A list of `deny` members alone matches nothing: an entry over it is skipped, and a neighbour with it exchanges nothing.
pub(in crate::config) fn permits_something<M>(
    kind: &str,
    name: &Located<PolicyName>,
    rules: &[Located<Rule<M>>],
    names: &Names,
    cx: &mut Checking<'_>,
) {
    // A member that was refused may have permitted something, and `extra-file` may have more of them.
    let is_known = cx.found.errors() == 0 && !names.defined_in_extra.contains_key(&name.value);
    let permits = rules.iter().any(|rule| rule.value.action == Action::Permit);
    if !is_known || permits || rules.is_empty() {
        return;
    }
    let uses = names.used.iter().filter(|used| used.value == name.value);
    let Some(used) = uses.min_by_key(|used| used.span) else {
        return;
    };
    let message = format!(
        "the {kind} '{}' permits nothing, so nothing matches it",
        name.value
    );
    cx.report(
        Diagnostic::warning(E0374, used.span, message)
            .also(name.span, "every member is a deny")
            .hint("write the members without `deny` and match the list in a deny entry, or permit the rest by a last member, `.*`"),
    );
}
