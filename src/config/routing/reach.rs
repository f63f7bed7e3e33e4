//! Which of the announced networks a prefix-list permits.

use super::policy::{Action, PrefixList, PrefixRule};
use crate::config::source::Located;
use crate::types::Prefix;
use ipnet::IpNet;

/// The networks in the order of their addresses, each with its number in the document.
#[derive(Debug)]
pub(super) struct Announced {
    sorted: Vec<(IpNet, usize)>,
}

impl Announced {
    pub(super) fn new(networks: &[Located<Prefix>]) -> Self {
        let numbered = networks.iter().enumerate();
        let mut sorted: Vec<(IpNet, usize)> = numbered.map(|(number, n)| (n.value.net(), number)).collect();
        sorted.sort_by_key(|(net, _)| (net.addr(), net.prefix_len()));
        Self { sorted }
    }

    /// Those inside a prefix.
    fn inside(&self, prefix: IpNet) -> &[(IpNet, usize)] {
        let start = self
            .sorted
            .partition_point(|(net, _)| net.addr() < prefix.network());
        let rest = &self.sorted[start..];
        let end = rest.partition_point(|(net, _)| net.addr() <= prefix.broadcast());
        &rest[..end]
    }
}

/// For each network, by its number, whether the list permits it: the first member that matches decides. One pass over the
/// list, which may have a quarter of a million members.
pub(super) fn permitted(list: &PrefixList, networks: &Announced) -> Vec<bool> {
    let mut decided: Vec<Option<Action>> = vec![None; networks.sorted.len()];
    for rule in &list.v4 {
        decide(rule, rule.prefix.into(), networks, &mut decided);
    }
    for rule in &list.v6 {
        decide(rule, rule.prefix.into(), networks, &mut decided);
    }
    decided
        .into_iter()
        .map(|action| action == Some(Action::Permit))
        .collect()
}

fn decide<N>(rule: &PrefixRule<N>, prefix: IpNet, networks: &Announced, decided: &mut [Option<Action>]) {
    let least = if rule.ge == 0 {
        prefix.prefix_len()
    } else {
        rule.ge
    };
    let most = match (rule.ge, rule.le) {
        (0, 0) => prefix.prefix_len(),
        (_, 0) => prefix.max_prefix_len(),
        (_, le) => le,
    };
    for (net, number) in networks.inside(prefix) {
        let fits = (least..=most).contains(&net.prefix_len());
        if let Some(slot) = decided.get_mut(*number)
            && fits
        {
            slot.get_or_insert(rule.action);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::config::source::Span;

    fn rule<N>(action: Action, prefix: N, ge: u8, le: u8) -> PrefixRule<N> {
        PrefixRule {
            action,
            prefix,
            ge,
            le,
        }
    }

    #[test]
    fn the_first_member_that_matches_decides() {
        let span = Span { start: 0, end: 0 };
        let networks = [
            "10.1.0.0/16",
            "10.0.0.0/8",
            "10.1.2.0/24",
            "2001:db8::/32",
            "192.0.2.0/24",
        ];
        let networks = networks.map(|net| Located {
            value: net.parse::<Prefix>().unwrap(),
            span,
        });
        let list = PrefixList {
            v4: vec![
                rule(Action::Deny, "10.1.2.0/24".parse().unwrap(), 0, 0),
                rule(Action::Permit, "10.0.0.0/8".parse().unwrap(), 16, 0),
                rule(Action::Permit, "192.0.0.0/8".parse().unwrap(), 0, 23),
            ],
            v6: vec![rule(Action::Permit, "2001:db8::/32".parse().unwrap(), 0, 0)],
        };
        let permitted = permitted(&list, &Announced::new(&networks));
        assert_eq!(permitted, [true, false, false, true, false]);
    }
}
