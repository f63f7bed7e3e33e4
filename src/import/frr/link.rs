//! `interface` blocks of frr.conf.

use super::{Block, Frr, after};
use crate::import::document::{Place, Value};
use crate::import::left::Why;
use crate::import::site::Link;

impl Frr {
    /// `interface NAME vrf VRF`: an older FRR says the VRF of the device.
    pub(super) fn enter_interface(&mut self, name: &str, vrf: &str, place: Place) {
        let link = self.site.device(name);
        let routing = self.site.vrf(vrf, place);
        self.site.put_into(&link, &routing, place);
        self.block = Block::Interface(link);
    }

    pub(super) fn of_interface(&mut self, link: &Link, line: &str, words: &[&str], place: Place) {
        let path = link.path();
        match *words {
            ["description", ..] => self.site.draft.set(&path, "description", after(line, 1), place),
            ["ip" | "ipv6", "address", address] => self.site.address(link, address, place),
            ["shutdown"] if path.first() == Some(&"loopbacks") => {
                let why = "a loopback is always up here, and its addresses are this router's".to_owned();
                self.leave(line, place, Why::Because(why));
            }
            ["shutdown"] => self.site.draft.set(&path, "enabled", false, place),
            // What is so here where nothing is said.
            ["no", "shutdown"] => {}
            ["ip" | "ipv6", "router", "isis", _] | ["isis", ..] => {
                self.isis.of_interface(link, words, line, place);
            }
            ["no", "ip", "ospf", "passive"] => self.passive(link.clone(), false, line, place),
            ["ip", "ospf", ref what @ ..] => self.of_interface_ospf(link, "ospf", what, line, place),
            ["ipv6", "ospf6", ref what @ ..] => self.of_interface_ospf(link, "ospf6", what, line, place),
            ["no", "ipv6", "nd", "suppress-ra"] => {
                if !self.site.draft.table(&path, place).has("ra") {
                    self.site.draft.set(&path, "ra", Value::Inline(Vec::new()), place);
                }
            }
            ["ipv6", "nd", ref what @ ..] if !matches!(what, ["prefix", ..]) => {
                self.of_advertisements(link, what, line, place);
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

    fn of_advertisements(&mut self, link: &Link, what: &[&str], line: &str, place: Place) {
        let path = link.path();
        let table = self.site.draft.table(&path, place);
        let (key, value) = match *what {
            ["ra-interval", seconds] if seconds.parse::<u16>().is_ok() => {
                ("max-interval", Value::number(seconds))
            }
            ["ra-lifetime", seconds] if seconds.parse::<u16>().is_ok() => {
                ("lifetime", Value::text(format!("{seconds}s")))
            }
            ["managed-config-flag"] => ("managed", true.into()),
            ["other-config-flag"] => ("other", true.into()),
            ["router-preference", preference] => ("preference", preference.into()),
            // For how long they hold is three times the interval here.
            [key @ ("rdnss" | "dnssl"), name] => return table.push_inner("ra", key, name.into(), place),
            _ => return self.not_yet(line, place),
        };
        self.site.draft.inner(&path, "ra", key, value, place);
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
            ["priority", number] if number.parse::<u8>().is_ok() => ("priority", Value::number(number)),
            ["mtu-ignore"] => ("mtu-ignore", true.into()),
            ["bfd"] => ("bfd", true.into()),
            // FRR has both lines; this one says more.
            ["bfd", "profile", name] => {
                let name = self.site.names.policy(name);
                self.site
                    .draft
                    .table(&link.path(), place)
                    .remove_inner(key, "bfd");
                ("bfd", name.as_str().into())
            }
            ["authentication", ref mode @ ..] if key == "ospf" && mode.len() < 2 => {
                return self.authentication(link, mode, line, place);
            }
            ["message-digest-key", id, "md5", secret] if key == "ospf" && id.parse::<u8>().is_ok() => {
                return self.message_digest_key(link, id, secret, line, place);
            }
            [
                "authentication",
                "key-id",
                id,
                "hash-algo",
                algorithm,
                "key",
                secret,
            ] if key == "ospf6" && id.parse::<u16>().is_ok() => {
                ("auth", self.auth(link, key, id, secret, Some(algorithm)))
            }
            ["network", kind @ ("broadcast" | "point-to-point")] => ("network", kind.into()),
            _ => return self.not_yet(line, place),
        };
        self.site.draft.inner(&link.path(), key, value.0, value.1, place);
    }
}

impl Frr {
    /// The key of a link, in a file of its own.
    pub(super) fn auth(
        &mut self,
        link: &Link,
        protocol: &str,
        id: &str,
        secret: &str,
        algorithm: Option<&str>,
    ) -> Value {
        let file = format!("secrets/{protocol}-{}", link.name);
        self.site.draft.secret(&file, secret);
        let mut pairs = vec![
            ("key-id".to_owned(), Value::number(id)),
            ("key-file".to_owned(), file.as_str().into()),
        ];
        pairs.extend(algorithm.map(|algorithm| ("hash-algo".to_owned(), algorithm.into())));
        Value::Inline(pairs)
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
