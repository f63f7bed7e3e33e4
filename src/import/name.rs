//! Names of other systems, as this router can have them.

use crate::types::{HostName, IfName, PolicyName, VrfName, vpps_own};
use std::collections::HashMap;

/// The names that were given, so that no two things get one name and one thing always gets the same.
#[derive(Debug, Default)]
pub(super) struct Names {
    /// Interfaces by what they are called where they come from.
    given: HashMap<String, String>,
    /// VRFs likewise: an interface may have the same name there.
    vrfs: HashMap<String, String>,
    /// Route-maps, lists and peer-groups likewise.
    policies: HashMap<String, String>,
    /// The names of interfaces and VRFs, which are devices all of them.
    taken: HashMap<String, usize>,
    taken_policies: HashMap<String, usize>,
}

impl Names {
    /// The name of an interface: its own where that is one, else the nearest of at most 15 bytes.
    pub fn interface(&mut self, foreign: &str) -> String {
        if let Some(loopback) = loopback(foreign) {
            return self.of_short(foreign, Some(&loopback));
        }
        let is_long = foreign.len() > LONGEST_INTERFACE;
        let short = is_long.then(|| initials(foreign));
        self.of_short(foreign, short.as_deref())
    }

    /// The same for one whose VLANs add so many bytes to it: their names have 15 as well.
    pub fn parent(&mut self, foreign: &str, room: usize) -> String {
        let longest = LONGEST_INTERFACE.saturating_sub(room);
        let short = match foreign.len() > longest {
            false => None,
            true => Some(initials(foreign))
                .filter(|short| short.len() <= longest)
                .or_else(|| Some(foreign.chars().filter(char::is_ascii_alphanumeric).collect())),
        };
        self.of_short(foreign, short.as_deref())
    }

    /// The name of a tunnel that VPP calls by this word and a number: one of this type may be called so as well.
    pub fn tunnel(&mut self, foreign: &str, word: &str) -> String {
        let fits =
            |name: &str| name.parse::<IfName>().is_ok() && vpps_own(name).is_none_or(|own| own == word);
        let wanted = Wanted {
            foreign,
            longest: LONGEST_INTERFACE,
            prefix: "if-",
        };
        wanted.of(fits, &mut self.given, &mut self.taken)
    }

    /// The name of a VRF, of at most 15 bytes.
    pub fn vrf(&mut self, foreign: &str) -> String {
        let fits = |name: &str| name.parse::<VrfName>().is_ok();
        let wanted = Wanted {
            foreign,
            longest: LONGEST_INTERFACE,
            prefix: "vrf-",
        };
        wanted.of(fits, &mut self.vrfs, &mut self.taken)
    }

    /// The name of a route-map, list or peer-group.
    pub fn policy(&mut self, foreign: &str) -> String {
        let fits = |name: &str| name.parse::<PolicyName>().is_ok();
        let wanted = Wanted {
            foreign,
            longest: 63,
            prefix: "P-",
        };
        wanted.of(fits, &mut self.policies, &mut self.taken_policies)
    }

    /// Another word for something that has a name.
    pub fn alias(&mut self, foreign: &str, name: &str) {
        self.given.insert(foreign.to_owned(), name.to_owned());
    }

    fn of_short(&mut self, foreign: &str, short: Option<&str>) -> String {
        // Another one may have these initials.
        let short =
            short.filter(|short| !self.given.contains_key(foreign) && !self.given.contains_key(*short));
        let wanted = Wanted {
            foreign: short.unwrap_or(foreign),
            longest: LONGEST_INTERFACE,
            prefix: "if-",
        };
        let name = wanted.of(is_free, &mut self.given, &mut self.taken);
        self.given.insert(foreign.to_owned(), name.clone());
        name
    }
}

/// A name that something is to get.
struct Wanted<'n> {
    /// What it is called where it comes from.
    foreign: &'n str,
    /// How many bytes its name has at most.
    longest: usize,
    /// What it begins with where it would be no name without.
    prefix: &'static str,
}

impl Wanted<'_> {
    /// The name it has, else the nearest one that nothing else has.
    fn of(
        &self,
        fits: impl Fn(&str) -> bool,
        given: &mut HashMap<String, String>,
        taken: &mut HashMap<String, usize>,
    ) -> String {
        let Self {
            foreign,
            longest,
            prefix,
        } = *self;
        if let Some(name) = given.get(foreign) {
            return name.clone();
        }
        let plain: String = foreign
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() || c == '-' || c == '_' {
                    c
                } else {
                    '-'
                }
            })
            .collect();
        let mut name = if fits(foreign) { foreign.to_owned() } else { plain };
        if !fits(name.get(..longest.min(name.len())).unwrap_or_default()) {
            name = format!("{prefix}{name}");
        }
        name.truncate(longest);
        let base = name.clone();
        while taken.contains_key(&name) {
            let number = taken.entry(base.clone()).or_insert(1);
            *number += 1;
            let suffix = format!("-{number}");
            name = format!("{}{suffix}", &base[..base.len().min(longest - suffix.len())]);
        }
        taken.insert(name.clone(), 1);
        given.insert(foreign.to_owned(), name.clone());
        name
    }
}

/// Whether an interface of the document may have the name: none that VPP gives by itself.
pub(super) fn is_free(name: &str) -> bool {
    name.parse::<IfName>().is_ok() && vpps_own(name).is_none()
}

/// `lo0` for `loop0`, as VPP calls a loopback.
fn loopback(foreign: &str) -> Option<String> {
    let number = foreign.strip_prefix("loop")?;
    (vpps_own(foreign) == Some("loop")).then(|| format!("lo{number}"))
}

/// The longest name of an interface, in bytes.
const LONGEST_INTERFACE: usize = 15;

/// `HGE0/0/1` for `HundredGigabitEthernet0/0/1`; a name without capitals and numbers stays.
fn initials(foreign: &str) -> String {
    let end = foreign
        .find(|c: char| c.is_ascii_digit())
        .unwrap_or(foreign.len());
    let (words, numbers) = foreign.split_at(end);
    let capitals: String = words.chars().filter(char::is_ascii_uppercase).collect();
    match capitals.is_empty() {
        true => foreign.to_owned(),
        false => format!("{capitals}{numbers}"),
    }
}

/// The name of a host, without what no host name may have.
pub(super) fn host(foreign: &str) -> Option<String> {
    foreign.parse::<HostName>().is_ok().then(|| foreign.to_owned())
}

#[cfg(test)]
mod tests {
    use super::Names;

    #[test]
    fn each_thing_keeps_its_name_and_no_two_share_one() {
        let mut names = Names::default();
        assert_eq!(names.interface("external"), "external");
        assert_eq!(names.interface("ge-0/0/0"), "ge-0-0-0");
        assert_eq!(names.interface("ge-0-0/0"), "ge-0-0-0-2");
        assert_eq!(names.interface("ge-0/0/0"), "ge-0-0-0");
        assert_eq!(names.interface("HundredGigabitEthernet0/0/1"), "HGE0-0-1");
        assert_eq!(names.interface("HundredGigabitEthernet0/0/1"), "HGE0-0-1");
        assert_eq!(names.interface("a-very-long-name-a"), "a-very-long-nam");
        assert_eq!(names.interface("a-very-long-name-b"), "a-very-long-n-2");
        assert_eq!(names.interface("lo"), "if-lo");
        assert_eq!(names.interface("loop0"), "lo0");
        assert_eq!(names.interface("lo1"), "lo1");
        assert_eq!(names.interface("loop1"), "if-loop1");
        assert_eq!(names.interface("tap3"), "if-tap3");
        assert_eq!(names.interface("host-eth0"), "if-host-eth0");
        assert_eq!(names.tunnel("vxlan_tunnel0", "vxlan_tunnel"), "vxlan_tunnel0");
        assert_eq!(names.tunnel("gre0", "vxlan_tunnel"), "if-gre0");
        assert_eq!(names.policy("64500:IN"), "P-64500-IN");
        assert_eq!(names.policy("external"), "external");
        assert_eq!(names.vrf("external"), "external-2");
        assert_eq!(names.vrf("CUSTOMER-INTERNET"), "CUSTOMER-INTERN");
        assert_eq!(names.vrf("all"), "vrf-all");
        assert_eq!(names.interface("CUSTOMER-INTERN"), "CUSTOMER-INTE-2");
        assert_eq!(names.parent("PortChannel0001", 5), "PC0001");
        assert_eq!(names.interface("PortChannel0001"), "PC0001");
        assert_eq!(names.parent("Ethernet4", 5), "Ethernet4");
        assert_eq!(names.parent("xe-0/0/2", 8), "xe002");
    }
}
