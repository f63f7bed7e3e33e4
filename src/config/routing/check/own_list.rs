//! The prefix-lists that neighbours have themselves, beside their route-maps.

use super::bgp::Both;
use super::peering::carried;
use super::policy::{FAMILIES, Policy, has_members, permits_some};
use crate::config::check::Checking;
use crate::config::code::E0375;
use crate::config::diag::Diagnostic;
use crate::config::keys::Field;
use crate::config::routing::raw::{BgpInstanceRaw, PolicyPairRaw};
use crate::config::source::Located;
use crate::types::PolicyName;
use std::collections::BTreeSet;

impl Policy<'_> {
    /// A neighbour's own list permits something of each family that the neighbour carries: FRR lets nothing through by a list
    /// without members.
    pub(super) fn lists_are_of_the_family(&self, bgp: &BgpInstanceRaw, cx: &mut Checking<'_>) {
        let mut seen = BTreeSet::new();
        for both in Both::all(bgp) {
            let of = |side: fn(&PolicyPairRaw) -> &Field<PolicyName>| {
                both.sessions()
                    .find_map(|session| side(session.prefix_list.get()?).located())
            };
            let sides = [
                (of(|pair| &pair.import), "accepted from"),
                (of(|pair| &pair.export), "announced to"),
            ];
            let extended = both.sessions().any(|session| session.extended_nexthop.is_on());
            for family in carried(both.peer.value, extended) {
                for (used, verb) in sides {
                    let Some(used) = used.filter(|used| seen.insert((family, used.span))) else {
                        continue;
                    };
                    let Some(why) = self.why_none_passes(used, family) else {
                        continue;
                    };
                    let name = family.name();
                    let message = format!("the prefix-list '{}' lets no {name} route through", used.value);
                    let warning = Diagnostic::warning(E0375, used.span, message)
                        .label(format!("nothing of {name} is {verb} {}", both.peer.value));
                    let warning = match self.places.get(used.value) {
                        Some(place) => warning.also(*place, why),
                        None => warning,
                    };
                    cx.report(warning.hint(format!(
                        "add what may pass of {name}, or choose in the route-map, whose entries may have a list for each family"
                    )));
                }
            }
        }
    }

    /// Why a list lets nothing of the family through. Of one that permits nothing at all that is said already.
    fn why_none_passes(
        &self,
        used: Located<&PolicyName>,
        family: super::policy::Family,
    ) -> Option<&'static str> {
        let list = self.lists.get(used.value)?;
        let is_open = self.open_lists.contains(used.value);
        let permits = FAMILIES.iter().any(|family| permits_some(list, *family));
        if is_open || !permits || permits_some(list, family) {
            return None;
        }
        Some(match has_members(list, family) {
            true => "its members of that family permit none",
            false => "its members are of the other family",
        })
    }
}
