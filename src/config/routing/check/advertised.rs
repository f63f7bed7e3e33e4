//! Router advertisements that BGP asks zebra for.

use super::bgp::Both;
use crate::config::check::Checking;
use crate::config::code::E0884;
use crate::config::diag::Diagnostic;
use crate::types::HostAddr;

/// From this length on a subnet has room for two routers and nobody else.
const OF_TWO: u8 = 126;

impl Both<'_> {
    /// With `extended-nexthop` bgpd has zebra advertise this router on the neighbour's link, to whoever is on it.
    pub(super) fn no_host_takes_it_for_a_router(&self, addr: HostAddr, cx: &mut Checking<'_>) {
        let written = self
            .sessions()
            .find_map(|session| session.extended_nexthop.copied());
        let Some(extended) = written.filter(|it| it.value && addr.get().is_ipv6()) else {
            return;
        };
        let index = cx.index;
        let mut subnets = index.neighbors_of(addr.get());
        let Some(own) = subnets.find(|own| own.addr.net().prefix_len() < OF_TWO) else {
            return;
        };
        let message = format!("FRR makes this router a default router on '{}'", own.interface);
        cx.report(
            Diagnostic::warning(E0884, extended.span, message)
                .label("for it bgpd has zebra send router advertisements there, every 10 s, with each /64")
                .also(own.span, "hosts and routers of this subnet would take it")
                .hint("use it on links between two routers only, and not on an exchange; a /127 has room for two"),
        );
    }
}
