//! A VPP as it was measured, with the kernel behind it: what it refuses, what it does without a word, and what kills it. Whatever
//! it would do silently wrong is a panic here.

use super::advertise::Nd;
use super::export::Exports;
use super::features::Features;
use super::nat::Nats;
use super::steer::Steering;
use imp::plan::vpp::Fact;
use ipnet::IpNet;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Default)]
pub struct Interface {
    kind: String,
    parent: Option<String>,
    up: bool,
    shown_mtu: u32,
    /// Whether VPP has given it an MTU: a VLAN's Linux side follows its parent's in both directions until then.
    has_mtu: bool,
    promiscuous: bool,
    mac: Option<String>,
    rx_mode: Option<String>,
    addresses: BTreeSet<IpNet>,
    linux: Option<Linux>,
    nd: Option<Nd>,
    /// How many want it to speak IPv6: each address of it, whoever asked for it, and its Linux side.
    wanted: usize,
    /// Whether its Linux side is among them, for it gave itself an address: until VPP reads that it is gone.
    follows_linux: bool,
    /// The tables of IPv4 and of IPv6.
    tables: [u32; 2],
}

#[derive(Debug, Clone)]
struct Linux {
    name: String,
    up: bool,
    mtu: u32,
    addresses: BTreeSet<IpNet>,
}

/// When VPP hears of the address that Linux gives the device of a pair.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Hears {
    /// As soon as it is there or gone.
    AtOnce,
    /// As late as can be: that it is gone when VPP is waited for, and that it is there when the change has ended.
    #[default]
    Late,
}

#[derive(Debug, Clone, Default)]
pub struct Sim {
    pub hears: Hears,
    pub(super) interfaces: BTreeMap<String, Interface>,
    sockets: BTreeMap<u32, String>,
    steering: Steering,
    nats: Nats,
    features: Features,
    exports: Exports,
    lines: Vec<String>,
    /// Parents whose new MTU the kernel has not yet reported.
    unanswered: BTreeSet<String>,
    /// Those with a pair of which the kernel has not yet said that it was down at first.
    unsaid: BTreeSet<String>,
    /// Those with a pair of which it has not yet said that its own address is gone.
    lowered: BTreeSet<String>,
}

impl Interface {
    /// One more wants IPv6. It begins with the first, and announces the MTU there is then.
    fn want_ipv6(&mut self) {
        self.wanted += 1;
        self.nd.get_or_insert(Nd::begin(self.shown_mtu));
    }

    /// One less wants it. All that is advertised goes with the last.
    fn unwant_ipv6(&mut self) {
        self.wanted = self.wanted.saturating_sub(1);
        if self.wanted == 0 {
            self.nd = None;
        }
    }

    /// VPP reads what address Linux gave the device.
    fn follow_linux(&mut self, up: bool) {
        if self.follows_linux != up {
            self.follows_linux = up;
            match up {
                true => self.want_ipv6(),
                false => self.unwant_ipv6(),
            }
        }
    }
}

/// VPP refused the line.
#[derive(Debug, PartialEq, Eq)]
pub struct Refused;

pub type Outcome = Result<(), Refused>;

pub fn unless(refused: bool) -> Outcome {
    if refused { Err(Refused) } else { Ok(()) }
}

/// Whether it is a VLAN inside the outer one.
fn inside(it: &Interface, outer: &Interface) -> bool {
    let tags = outer.kind.trim_end_matches(" exact-match");
    it.parent == outer.parent && it.kind.starts_with(&format!("{tags} inner-dot1q "))
}

impl Sim {
    /// A VPP with these NICs of DPDK's, and nothing else.
    pub fn fresh<'n>(nics: impl IntoIterator<Item = &'n str>) -> Self {
        let mut sim = Self::default();
        for nic in nics {
            sim.add(nic, "nic".to_owned(), None);
        }
        sim
    }

    fn add(&mut self, name: &str, kind: String, parent: Option<&str>) {
        let shown_mtu = parent.map_or(9000, |parent| self.interfaces[parent].shown_mtu);
        let interface = Interface {
            kind,
            shown_mtu,
            parent: parent.map(str::to_owned),
            ..Interface::default()
        };
        assert!(
            self.interfaces.insert(name.to_owned(), interface).is_none(),
            "two interfaces are called '{name}': abort"
        );
    }

    /// What `show interface` shows of the numbers.
    pub fn numbers(&self) -> String {
        let names = self.interfaces.keys().enumerate();
        names
            .map(|(number, name)| format!("{name}  {number}  up  9000/0/0/0\n"))
            .collect()
    }

    /// The numbers of its ACLs.
    pub fn acls(&self) -> Vec<Fact> {
        self.steering.acls()
    }

    /// The kernel reports the MTU of each parent that got one, and VPP gives it to all VLANs.
    pub fn kernel_answers(&mut self) {
        self.unsaid.clear();
        for name in std::mem::take(&mut self.lowered) {
            if let Some(it) = self.interfaces.get_mut(&name) {
                it.follow_linux(false);
            }
        }
        for parent in std::mem::take(&mut self.unanswered) {
            let mtu = self.interfaces.get(&parent).map(|it| it.shown_mtu);
            for child in self.interfaces.values_mut() {
                if child.parent.as_ref() == Some(&parent) {
                    child.shown_mtu = mtu.unwrap_or_default();
                }
            }
        }
    }

    /// Nothing is under way any more: VPP has heard of all that Linux did.
    pub fn settles(&mut self) {
        self.kernel_answers();
        for it in self.interfaces.values_mut() {
            if it.linux.as_ref().is_some_and(|linux| linux.up) {
                it.follow_linux(true);
            }
        }
    }

    pub fn run(&mut self, text: &str) -> Outcome {
        let words: Vec<&str> = text.split_whitespace().collect();
        match words[..] {
            ["create", "loopback", "interface", "instance", n, ..] => {
                self.add(&format!("loop{n}"), text.to_owned(), None);
                Ok(())
            }
            ["create", "host-interface", "name", device, ..] => {
                let there = self.interfaces.values().any(|it| it.kind == text);
                assert!(!there, "made twice: {text}");
                assert!(!text.contains("num-rx-queues"), "it never sends: {text}");
                self.add(&format!("host-{device}"), text.to_owned(), None);
                Ok(())
            }
            ["create", "sub-interfaces", parent, id, ref tags @ ..] => {
                unless(!self.interfaces.contains_key(parent))?;
                let number = ["dot1q", id];
                let kind = format!("vlan {}", if tags.is_empty() { &number } else { tags }.join(" "));
                let on_it = |it: &&Interface| it.parent.as_deref() == Some(parent);
                unless(self.interfaces.values().filter(on_it).any(|it| it.kind == kind))?;
                self.add(&format!("{parent}.{id}"), kind, Some(parent));
                Ok(())
            }
            ["create", "bond", .., "id", id] => {
                self.add(&format!("BondEthernet{id}"), text.to_owned(), None);
                Ok(())
            }
            ["delete", "ipip", "tunnel", "sw_if_index", number] => {
                let name = self.interfaces.keys().nth(number.parse().unwrap());
                let name = name.expect("silently nothing is deleted").clone();
                assert!(
                    self.interfaces[&name].kind.starts_with("ipip "),
                    "silently nothing: '{name}'"
                );
                self.delete(&name)
            }
            ["wireguard", "delete", name] => {
                assert!(
                    self.interfaces[name].kind.starts_with("wireguard "),
                    "no tunnel of WireGuard: '{name}'"
                );
                self.features.without_peers(name);
                self.delete(name)
            }
            ["create", "wireguard", "tunnel", ref ends @ .., "instance", number] => {
                let kind = format!("wireguard {}", ends.join(" "));
                self.add(&format!("wg{number}"), kind, None);
                Ok(())
            }
            [
                "create",
                kind @ ("gre" | "ipip" | "vxlan"),
                "tunnel",
                ref rest @ ..,
            ] => self.tunnel(kind, rest),
            ["create", "memif", "socket", "id", id, "filename", path] => {
                let known = self.sockets.insert(id.parse().unwrap(), path.to_owned());
                unless(known.is_some())
            }
            ["create", "interface", "memif", "id", n, "socket-id", socket, ..] => {
                let name = format!("memif{socket}/{n}");
                let socket = self.sockets.contains_key(&socket.parse().unwrap());
                unless(!socket || self.interfaces.contains_key(&name))?;
                self.add(&name, text.to_owned(), None);
                Ok(())
            }
            ["set", "interface", "name", old, new] => self.rename(old, new),
            ["delete", "memif", "socket", "id", id] => {
                let id: u32 = id.parse().unwrap();
                let used = format!("memif{id}/");
                unless(self.interfaces.keys().any(|name| name.starts_with(&used)))?;
                unless(self.sockets.remove(&id).is_none())
            }
            ["delete", "loopback", "interface", "intfc", name]
            | ["delete", "sub-interface" | "bond", name]
            | ["delete", "interface", "memif", name] => self.delete(name),
            ["delete", "host-interface", "name", device] => {
                let kind = format!("create host-interface name {device} ");
                let found = self.interfaces.iter().find(|(_, it)| it.kind.starts_with(&kind));
                let name = found.expect("silently nothing is deleted").0.clone();
                self.delete(&name)
            }
            ["lcp", "create", name, "host-if", host] => self.pair(name, host, false),
            ["lcp", "create", name, "host-if", host, "tun"] => self.pair(name, host, true),
            ["lcp", "delete", name] => {
                let outer = self.interfaces.get(name).ok_or(Refused)?;
                let children = |it: &&Interface| {
                    let on_it = it.parent.as_deref() == Some(name) || inside(it, outer);
                    on_it && it.linux.is_some()
                };
                let orphan = self.interfaces.values().find(children);
                assert!(orphan.is_none(), "a VLAN keeps a pair without a device: {text}");
                self.lowered.remove(name);
                let it = self.interfaces.get_mut(name).ok_or(Refused)?;
                unless(it.linux.take().is_none())
            }
            ["set", "interface", "mtu", "packet", mtu, name] => self.set_mtu(name, mtu.parse().unwrap()),
            ["set", "interface", "state", name, state] => self.set_state(name, state == "up"),
            ["set", "interface", "promiscuous", on, name] => {
                self.interfaces.get_mut(name).ok_or(Refused)?.promiscuous = on == "on";
                Ok(())
            }
            ["set", "interface", "mac", "address", name, mac] => {
                let it = self.interfaces.get_mut(name).ok_or(Refused)?;
                assert!(it.linux.is_none(), "the Linux side keeps the old address: {text}");
                it.mac = Some(mac.to_owned());
                Ok(())
            }
            ["set", "interface", "rx-mode", name, mode] => {
                let it = self.interfaces.get_mut(name).ok_or(Refused)?;
                unless(mode == "adaptive" && it.kind.starts_with("create host-interface"))?;
                it.rx_mode = Some(mode.to_owned());
                Ok(())
            }
            ["set", "interface", "ip", "address", "del", name, which] => self.remove_address(name, which),
            ["set", "interface", "ip", "address", name, address] => {
                self.add_address(name, address.parse().unwrap())
            }
            ["enable", "ip6", "interface", name] => {
                self.is_said(name);
                let it = self.interfaces.get_mut(name).ok_or(Refused)?;
                // 'Failed' where it is on, and counted: no refusal to whoever sends it.
                it.want_ipv6();
                Ok(())
            }
            ["disable", "ip6", "interface", name] => {
                let it = self.interfaces.get_mut(name).ok_or(Refused)?;
                unless(it.wanted == 0)?;
                it.unwant_ipv6();
                Ok(())
            }
            ["ip6", "nd", name, ref rest @ ..] => {
                self.is_said(name);
                let it = self.interfaces.get_mut(name).ok_or(Refused)?;
                it.nd.as_mut().ok_or(Refused)?.run(rest);
                Ok(())
            }
            ["set", "interface", family @ ("ip" | "ip6"), "table", name, id] => {
                self.set_table(family, name, id.parse().unwrap())
            }
            ["ip", "route", ref rest @ ..] => {
                let there = |name: &str| self.interfaces.contains_key(name);
                let has_table = |family: &str, id| self.features.has_table(family, id);
                self.steering.route(rest, there, has_table)
            }
            ["set" | "delete", "acl-plugin", ..] | ["abf", ..] => {
                let there = |name: &str| self.interfaces.contains_key(name);
                self.steering.run(&words, there)
            }
            ["set", "interface", "det44" | "nat44" | "nat64", ..]
            | ["set", "nat" | "ipfix", ..]
            | ["det44" | "nat" | "nat44" | "nat64", ..] => {
                let there = |name: &str| self.interfaces.contains_key(name);
                self.nats.run(&words, there)
            }
            _ => {
                if let ["bond", "add", bond, member, ..] = words[..] {
                    self.gives_its_address(bond, member);
                }
                let there = |name: &str| self.interfaces.contains_key(name);
                let of = |family: &str| usize::from(family == "ip6");
                let used = |family: &str, id| {
                    let routes = self.steering.uses(family, id);
                    routes || self.interfaces.values().any(|it| it.tables[of(family)] == id)
                };
                if let Some(outcome) = self.exports.run(&words, there) {
                    return outcome;
                }
                self.features.run(&words, there, used).unwrap_or_else(|| {
                    self.lines.push(text.to_owned());
                    Ok(())
                })
            }
        }
    }

    /// A bond without members has the address of the first that joins it, if it was given none.
    fn gives_its_address(&mut self, bond: &str, member: &str) {
        let is_first = !self.features.has_members(bond);
        let Some(it) = self.interfaces.get_mut(bond) else {
            return;
        };
        if is_first && !it.kind.split(' ').any(|word| word == "hw-addr") {
            let address = Some(format!("of {member}"));
            let keeps = it.linux.is_some() && it.mac != address;
            assert!(!keeps, "the Linux side of '{bond}' keeps the old address");
            it.mac = address;
        }
    }

    fn set_table(&mut self, family: &str, name: &str, id: u32) -> Outcome {
        let it = self.interfaces.get_mut(name).ok_or(Refused)?;
        let is_of_it = |address: &IpNet| matches!(address, IpNet::V6(_)) == (family == "ip6");
        unless(!self.features.has_table(family, id) || it.addresses.iter().any(is_of_it))?;
        it.tables[usize::from(family == "ip6")] = id;
        Ok(())
    }

    fn rename(&mut self, old: &str, new: &str) -> Outcome {
        let interface = self.interfaces.remove(old).ok_or(Refused)?;
        let known = self.interfaces.insert(new.to_owned(), interface);
        assert!(known.is_none(), "two interfaces are called '{new}'");
        Ok(())
    }

    fn delete(&mut self, name: &str) -> Outcome {
        let it = self.interfaces.get(name).ok_or(Refused)?;
        let child = self
            .interfaces
            .values()
            .any(|it| it.parent.as_deref() == Some(name));
        assert!(!child, "'{name}' has VLANs");
        assert!(
            !it.kind.starts_with("vlan") || it.linux.is_none(),
            "linux-cp makes '{name}' again"
        );
        let named = self.steering.names(name)
            || self.nats.names(name)
            || self.features.names(name)
            || self.exports.names(name);
        assert!(!named, "something still names '{name}'");
        self.unanswered.remove(name);
        self.unsaid.remove(name);
        self.interfaces.remove(name);
        Ok(())
    }

    /// A tunnel is known by its ends: made twice it is refused, and deleted by them.
    fn tunnel(&mut self, kind: &str, words: &[&str]) -> Outcome {
        let of_kind = |ends: &[&str]| format!("{kind} tunnel {}", ends.join(" "));
        match *words {
            [ref ends @ .., "del"] => {
                let ends = of_kind(ends);
                let found = self.interfaces.iter().find(|(_, it)| it.kind == ends);
                let name = found.ok_or(Refused)?.0.clone();
                self.delete(&name)
            }
            [ref ends @ .., "instance", number] => {
                let ends = of_kind(ends);
                unless(self.interfaces.values().any(|it| it.kind == ends))?;
                let own = if kind == "vxlan" { "vxlan_tunnel" } else { kind };
                self.add(&format!("{own}{number}"), ends, None);
                Ok(())
            }
            ref ends => {
                // VPP takes the lowest number that is free.
                let mut names = (0..).map(|number| format!("{kind}{number}"));
                let free = names.find(|name| !self.interfaces.contains_key(name));
                self.add(&free.unwrap(), of_kind(ends), None);
                Ok(())
            }
        }
    }

    fn pair(&mut self, name: &str, host: &str, tun: bool) -> Outcome {
        let it = self.interfaces.get(name).ok_or(Refused)?;
        let has_packets = ["gre ", "ipip ", "wireguard "]
            .iter()
            .any(|kind| it.kind.starts_with(kind));
        assert_eq!(tun, has_packets, "'{name}' and its Linux side carry the same");
        assert!(
            !self.features.is_switched(name) || it.kind.contains("loopback"),
            "'{name}' is switched"
        );
        let above = match &it.parent {
            None => u32::MAX,
            Some(parent) => self.interfaces[parent].linux.as_ref().ok_or(Refused)?.mtu,
        };
        if it.kind.contains(" inner-dot1q ") {
            // linux-cp hangs it on the pair of the VLAN with the outer tag alone.
            let carries = |outer: &&Interface| inside(it, outer) && outer.linux.is_some();
            unless(!self.interfaces.values().any(|outer| carries(&outer)))?;
        }
        let adopted = self.interfaces.values().filter_map(|it| it.linux.as_ref());
        assert!(
            !adopted.into_iter().any(|it| it.name == host),
            "another device is adopted"
        );
        let mtu = it.shown_mtu.min(above);
        let it = self.interfaces.get_mut(name).ok_or(Refused)?;
        let linux = Linux {
            name: host.to_owned(),
            up: false,
            mtu,
            addresses: BTreeSet::new(),
        };
        let is_up = it.up;
        unless(it.linux.replace(linux).is_some())?;
        if !is_up {
            self.unsaid.insert(name.to_owned());
        }
        Ok(())
    }

    /// VPP has read what the kernel said of the pair.
    fn is_said(&self, name: &str) {
        assert!(
            !self.unsaid.contains(name),
            "'{name}' goes down once VPP hears of its pair, and IPv6 ends"
        );
    }

    fn set_mtu(&mut self, name: &str, mtu: u32) -> Outcome {
        let parent = self.interfaces.get(name).ok_or(Refused)?.parent.clone();
        let above = parent.and_then(|parent| self.interfaces.get(&parent)).map(|it| {
            let linux = it.linux.as_ref().map_or(it.shown_mtu, |linux| linux.mtu);
            (it.shown_mtu, linux)
        });
        let it = self.interfaces.get_mut(name).ok_or(Refused)?;
        let (shown, linux_mtu) = match above {
            Some((vpp, linux)) if mtu == 0 => (vpp, linux),
            Some((vpp, linux)) => (mtu.min(vpp), mtu.min(linux)),
            None => (mtu, mtu),
        };
        // VPP tells Linux of another one only; a VLAN's is never 0 once Linux was told.
        let is_another = mtu == 0 || it.shown_mtu != shown;
        it.shown_mtu = shown;
        it.has_mtu = true;
        if let Some(linux) = it.linux.as_mut().filter(|_| is_another) {
            linux.mtu = linux_mtu;
        }
        if above.is_none() {
            self.unanswered.insert(name.to_owned());
            for child in self.interfaces.values_mut() {
                if child.parent.as_deref() == Some(name) {
                    child.shown_mtu = mtu;
                    let follows = !std::mem::replace(&mut child.has_mtu, true);
                    if let Some(linux) = &mut child.linux {
                        linux.mtu = if follows { mtu } else { linux.mtu.min(mtu) };
                    }
                }
            }
        }
        Ok(())
    }

    fn set_state(&mut self, name: &str, up: bool) -> Outcome {
        let parent = self.interfaces.get(name).ok_or(Refused)?.parent.as_ref();
        let is_down = |parent: &String| !self.interfaces[parent].up;
        unless(up && parent.is_some_and(is_down))?;
        if up {
            self.is_said(name);
        }
        for (of, it) in &mut self.interfaces {
            if of == name || (!up && it.parent.as_deref() == Some(name)) {
                it.up = up;
                if let Some(linux) = &mut it.linux {
                    let was_up = std::mem::replace(&mut linux.up, up);
                    match self.hears {
                        Hears::AtOnce => it.follow_linux(up),
                        Hears::Late if was_up && !up => drop(self.lowered.insert(of.clone())),
                        Hears::Late => {}
                    }
                }
            }
        }
        Ok(())
    }

    fn add_address(&mut self, name: &str, address: IpNet) -> Outcome {
        self.is_said(name);
        let overlaps = |other: &IpNet| other.contains(&address.addr()) || address.contains(&other.addr());
        let family = usize::from(matches!(address, IpNet::V6(_)));
        let table = self.interfaces.get(name).ok_or(Refused)?.tables[family];
        for (of, it) in self
            .interfaces
            .iter()
            .filter(|(_, it)| it.tables[family] == table)
        {
            let conflict = |other: &&IpNet| {
                let apart = of != name || other.prefix_len() != address.prefix_len();
                *other == &address || (apart && overlaps(other))
            };
            unless(it.addresses.iter().any(|other| conflict(&other)))?;
        }
        let it = self.interfaces.get_mut(name).ok_or(Refused)?;
        let is_new = it.addresses.insert(address);
        if let Some(linux) = &mut it.linux {
            linux.addresses.insert(address);
        }
        if is_new && matches!(address, IpNet::V6(_)) {
            it.want_ipv6();
        }
        Ok(())
    }

    fn remove_address(&mut self, name: &str, which: &str) -> Outcome {
        let it = self.interfaces.get_mut(name).ok_or(Refused)?;
        let count = |it: &Interface| {
            it.addresses
                .iter()
                .filter(|it| matches!(it, IpNet::V6(_)))
                .count()
        };
        let had = count(it);
        match which.parse::<IpNet>() {
            Err(_) => it.addresses.clear(),
            Ok(address) => {
                unless(!it.addresses.remove(&address))?;
                let elects = self.features.elects_in(name, address.trunc());
                assert!(!elects, "a virtual address keeps the length of '{address}'");
            }
        }
        if let Some(linux) = &mut it.linux {
            linux.addresses.retain(|address| it.addresses.contains(address));
        }
        (count(it)..had).for_each(|_| it.unwant_ipv6());
        Ok(())
    }

    /// Everything it has, but for the numbers of the ACLs, a line each.
    pub fn has(&self) -> BTreeSet<String> {
        let mut has: BTreeSet<String> = self.nats.has();
        // A NIC that nothing was done to is there in any case.
        let told = |it: &Interface| it.kind != "nic" || it.linux.is_some();
        let interfaces = self.interfaces.iter().filter(|(_, it)| told(it));
        has.extend(interfaces.map(|(name, it)| {
            let nd = it.nd.as_ref().filter(|nd| nd.sends || !nd.prefixes.is_empty());
            let Interface {
                kind,
                parent,
                up,
                shown_mtu,
                promiscuous,
                mac,
                rx_mode,
                addresses,
                linux,
                tables,
                wanted,
                ..
            } = it;
            let announced = nd.map(|nd| nd.announced_mtu);
            format!(
                "{name}: {kind} {parent:?} {up} {shown_mtu} {promiscuous} {mac:?} {rx_mode:?} {addresses:?} {linux:?} {tables:?} {wanted} {nd:?} {announced:?}"
            )
        }));
        let stays = |it: &Interface| it.follows_linux && it.linux.is_none();
        let all = self.interfaces.iter().filter(|(_, it)| stays(it));
        has.extend(all.map(|(name, _)| format!("{name} speaks IPv6 as the pair did that it had")));
        has.extend(self.sockets.iter().map(|it| format!("socket {it:?}")));
        has.extend(self.steering.has());
        has.extend(self.features.has());
        has.extend(self.exports.has());
        has.extend(self.lines.iter().enumerate().map(|it| format!("line {it:?}")));
        has
    }
}
