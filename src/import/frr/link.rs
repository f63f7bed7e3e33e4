//! `interface` blocks of frr.conf.

use super::{Frr, after};
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::site::Link;

impl Frr {
    pub(super) fn of_interface(&mut self, link: &Link, line: &str, words: &[&str], place: Place) {
        let path = link.path();
        match *words {
            ["description", ..] => self.site.draft.set(&path, "description", after(line, 1), place),
            ["ip" | "ipv6", "address", address] => self.site.address(link, address, place),
            ["ip", "ospf", ref what @ ..] => self.of_interface_ospf(link, "ospf", what, line, place),
            ["ipv6", "ospf6", ref what @ ..] => self.of_interface_ospf(link, "ospf6", what, line, place),
            ["no", "ipv6", "nd", "suppress-ra"] => {
                if !self.site.draft.table(&path, place).has("ra") {
                    self.site.draft.set(&path, "ra", Value::Inline(Vec::new()), place);
                }
            }
            ["ipv6", "nd", "ra-interval", seconds] if seconds.parse::<u16>().is_ok() => {
                self.site
                    .draft
                    .inner(&path, "ra", "max-interval", Value::number(seconds), place);
            }
            // One speaker of a prefix is what the key means.
            ["ipv6", "nd", "prefix", ..] => self.leave(
                line,
                place,
                Why::Foreign("the prefixes are those of the interface's addresses"),
            ),
            _ => self.not_yet(line, place),
        }
    }

    fn of_interface_ospf(&mut self, link: &Link, key: &'static str, what: &[&str], line: &str, place: Place) {
        let value = match *what {
            ["area", area] => ("area", area_of(area)),
            ["passive"] => ("passive", true.into()),
            [timer @ ("cost" | "hello-interval" | "dead-interval"), number]
                if number.parse::<u16>().is_ok() =>
            {
                (timer, Value::number(number))
            }
            ["network", kind @ ("broadcast" | "point-to-point")] => ("network", kind.into()),
            _ => return self.not_yet(line, place),
        };
        self.site.draft.inner(&link.path(), key, value.0, value.1, place);
    }
}

/// `0` as well as `0.0.0.0`: the short form where both are one.
pub(super) fn area_of(area: &str) -> Value {
    match area.parse::<std::net::Ipv4Addr>() {
        Ok(area) if u32::from(area) < 65536 => Value::Number(i64::from(u32::from(area))),
        Ok(area) => Value::text(area),
        Err(_) => Value::number(area),
    }
}
