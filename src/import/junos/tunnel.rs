//! Tunnels of Junos: the units of `gr-` and `ip-` interfaces.

use super::Junos;
use super::statement::Statement;
use crate::import::document::Value;
use crate::import::left::Why;
use crate::import::site::Link;

/// What wraps the packets of an interface that Junos calls so.
pub(super) fn kind(name: &str) -> Option<&'static str> {
    [("gr-", "gre"), ("ip-", "ipip")]
        .iter()
        .find(|(prefix, _)| name.starts_with(prefix))
        .map(|(_, kind)| *kind)
}

impl Junos {
    /// The tunnel of a unit.
    pub(super) fn tunnel_link(&mut self, name: &str, unit: &str) -> Link {
        let name = self
            .site
            .names
            .interface(&format!("{name}.{unit}").replace('.', "-"));
        Link {
            path: vec!["tunnels".to_owned(), name.clone()],
            name,
        }
    }

    /// `interfaces gr-0/0/0 …`.
    pub(super) fn tunnel(&mut self, name: &str, what: &[&str], statement: &Statement) {
        let (place, kind) = (statement.place, kind(name).unwrap_or("gre"));
        let ["unit", unit, ref what @ ..] = *what else {
            if !what.is_empty() {
                self.leave(statement, Why::NotYet);
            }
            return;
        };
        let link = self.tunnel_link(name, unit);
        let path = link.path();
        self.site.draft.set(&path, "type", kind, place);
        let mut set = |key: &str, value: Value| self.site.draft.set(&path, key, value, place);
        match *what {
            [] | ["tunnel"] | ["point-to-point"] | ["family", "inet" | "inet6"] => {}
            ["tunnel", key @ ("source" | "destination"), address] => set(key, address.into()),
            ["description", text] => set("description", text.into()),
            ["disable"] => set("enabled", false.into()),
            ["family", "inet" | "inet6", "mtu", mtu] => self.family_mtu(&link, mtu, statement),
            ["family", "inet" | "inet6", "address", address, ref options @ ..] if options != ["eui-64"] => {
                self.unit_address(&link, address, place);
                self.address_option(options, statement);
            }
            ["family", of, "filter", side, name] => self.uses_filter(&link, of, side, name, statement),
            _ => self.leave(statement, Why::NotYet),
        }
    }
}
