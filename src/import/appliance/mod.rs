//! An appliance that was set up by hand: VPP's commands and startup files, the unit that moves NICs, and frr.conf.

mod commands;
mod startup;
mod table;

use super::Original;
use super::document::Place;
use super::left::Why;
use super::site::{Link, Site};
use commands::Steering;
use std::collections::{BTreeSet, HashMap};
use table::Tables;

/// The appliance while it is read.
#[derive(Debug)]
struct Appliance {
    site: Site,
    /// The links by VPP's names.
    links: HashMap<String, Link>,
    /// VPP's names of what joins its instances: made without being told.
    joints: BTreeSet<String>,
    steering: Steering,
    tables: Tables,
}

/// What a file is, by its name.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part<'n> {
    Startup(&'n str),
    Unit,
    Commands(&'n str),
    Frr,
}

impl<'n> Part<'n> {
    fn of(name: &'n str) -> Option<Self> {
        let between = |start: &str, end: &str| name.strip_prefix(start)?.strip_suffix(end);
        match name {
            "frr.conf" => Some(Self::Frr),
            _ if name.ends_with(".service") => Some(Self::Unit),
            _ => between("startup-", ".conf")
                .map(Self::Startup)
                .or_else(|| between("commands-", ".txt").map(Self::Commands)),
        }
    }
}

/// Whether a file of this name is one of such an appliance.
pub(super) fn is_part(name: &str) -> bool {
    Part::of(name).is_some()
}

/// Reads the files: NICs first, then what is on them, core before the instances it is joined to, frr.conf at the end.
pub(super) fn read(site: Site, originals: &[Original]) -> Site {
    let mut appliance = Appliance {
        site,
        links: HashMap::new(),
        joints: BTreeSet::new(),
        steering: Steering::default(),
        tables: Tables::default(),
    };
    let files = originals.iter().enumerate();
    let mut parts: Vec<(Part<'_>, usize, &str)> = files
        .filter_map(|(number, file)| Some((Part::of(&file.name)?, number, file.text.as_str())))
        .collect();
    parts.sort();
    let mut frr = None;
    for (part, file, text) in parts {
        match part {
            Part::Startup(instance) => appliance.startup(instance, file, text),
            Part::Unit => appliance.unit(file, text),
            Part::Commands(instance) => appliance.commands(instance, file, text),
            Part::Frr => frr = Some((file, text)),
        }
    }
    appliance.finish_steering();
    appliance.finish_tables();
    let Some((file, text)) = frr else {
        return appliance.site;
    };
    let mut site = super::frr::read(appliance.site, file, text);
    for (vrf, place) in site.vrfs_without_table() {
        let why = "no unit says which of VPP's tables it is: `ip link add NAME type vrf table N`".to_owned();
        site.draft.leave(place, &format!("vrf {vrf}"), Why::Because(why));
    }
    site
}

impl Appliance {
    /// `ExecStart=ip link set NIC netns NAMESPACE`; what else the unit does, the router does itself.
    fn unit(&mut self, file: usize, text: &str) {
        for (number, line) in (1..).zip(text.lines()) {
            let place = Place { file, line: number };
            let Some(command) = line.trim().strip_prefix("ExecStart=") else {
                continue;
            };
            let words: Vec<&str> = command.split_whitespace().collect();
            match words[..] {
                [ip, "link", "set", "dev", nic, "netns", namespace]
                | [ip, "link", "set", nic, "netns", namespace]
                    if ip.ends_with("ip") =>
                {
                    self.namespace(namespace, place);
                    self.steering
                        .moved
                        .push((nic.to_owned(), line.trim().to_owned(), place));
                }
                [program, .., "type", "vrf", "table", table] if program.ends_with("ip") => {
                    self.vrf_device(&words, table, line, place);
                }
                [program, ..]
                    if ["modprobe", "ip", "sysctl"]
                        .iter()
                        .any(|known| program.ends_with(known)) => {}
                _ => self.leave(place, line, Why::Unknown),
            }
        }
    }

    /// The namespace, where it has another name than it has without being told.
    fn namespace(&mut self, namespace: &str, place: Place) {
        if namespace != "dataplane" {
            self.site.draft.set(&["dataplane"], "namespace", namespace, place);
        }
    }

    fn leave(&mut self, place: Place, statement: &str, why: Why) {
        self.site.draft.leave(place, statement, why);
    }
}
