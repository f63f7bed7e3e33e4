//! The plugins of VPP that core needs for what the documents say of its interfaces. Its NICs, bonds and NAT modules need
//! others.

use super::startup::{StartupRaw, is_generated};
use crate::config::diag::Findings;
use crate::config::{Export, Link, Model, TunnelWay};
use std::collections::BTreeSet;

/// What needs plugins.
#[derive(Debug)]
pub struct Needs<'m, L, T> {
    /// Every interface that packets pass.
    pub links: L,
    /// The tunnels.
    pub tunnels: T,
    /// Whether there are ACLs.
    pub filters: bool,
    /// `[sflow]`, `[ipfix]` and `lldp`.
    pub export: &'m Export,
}

impl<'m, L: Iterator<Item = &'m Link>, T: Iterator<Item = &'m TunnelWay>> Needs<'m, L, T> {
    /// Their names, without `_plugin.so`.
    pub fn plugins(self) -> BTreeSet<&'static str> {
        let mut plugins = BTreeSet::new();
        for Link { traffic, .. } in self.links {
            let table = [
                ("urpf", traffic.urpf.is_some()),
                ("mss_clamp", traffic.mss_clamp.is_some()),
                ("vrrp", !traffic.virtual_routers.is_empty()),
                ("dhcp", !traffic.relays.is_empty()),
            ];
            plugins.extend(used(table));
        }
        // IP in IP is of VPP itself.
        let words = self.tunnels.map(TunnelWay::word).filter(|word| *word != "ipip");
        plugins.extend(words);
        plugins.extend(used([
            ("acl", self.filters),
            ("sflow", self.export.sflow.is_some()),
            ("flowprobe", self.export.ipfix.is_some()),
            ("lldp", self.export.lldp.is_some()),
        ]));
        plugins
    }
}

fn used<const N: usize>(table: [(&'static str, bool); N]) -> impl Iterator<Item = &'static str> {
    table
        .into_iter()
        .filter_map(|(plugin, used)| used.then_some(plugin))
}

/// The extra stanzas of core name none of them again: VPP would not start.
pub(in crate::config) fn none_is_named_again(
    model: &Model,
    extra: Option<&StartupRaw>,
    found: &mut Findings,
) {
    let Some(extra) = extra else { return };
    let needs = Needs {
        links: model.links().map(|(link, _)| link),
        tunnels: model.tunnels.values().map(|it| &it.way),
        filters: !model.acls.is_empty(),
        export: &model.export,
    };
    let plugins = needs.plugins();
    for (name, span) in extra.plugins() {
        if plugins.contains(name.trim_end_matches("_plugin.so")) {
            found.report(is_generated(name, span));
        }
    }
}
