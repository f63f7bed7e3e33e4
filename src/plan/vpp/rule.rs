//! A rule of an ACL, as commands write it and as VPP shows it.

use ipnet::{IpNet, Ipv4Net};
use std::fmt;

const ALL_PORTS: (u32, u32) = (0, 65535);

/// One rule with VPP's defaults filled in: permit, from any source to any destination.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Rule {
    action: String,
    source: IpNet,
    target: IpNet,
    protocol: u32,
    source_ports: (u32, u32),
    target_ports: (u32, u32),
    /// The flags of TCP: their values, and which count.
    tcp_flags: (u32, u32),
    /// Words that VPP's parser does not know. VPP never shows any, so a rule that has some is reported as missing.
    other: Vec<String>,
}

impl Rule {
    /// Parses a rule, as written in a command or as shown by VPP.
    pub fn parse<'a>(words: impl IntoIterator<Item = &'a str>) -> Self {
        let any = IpNet::V4(Ipv4Net::default());
        let mut rule = Self {
            action: "permit".to_owned(),
            source: any,
            target: any,
            protocol: 0,
            source_ports: ALL_PORTS,
            target_ports: ALL_PORTS,
            tcp_flags: (0, 0),
            other: Vec::new(),
        };
        let mut words = words.into_iter();
        while let Some(word) = words.next() {
            match word {
                "permit" | "deny" | "permit+reflect" => word.clone_into(&mut rule.action),
                // VPP shows the family, which also follows from the prefixes.
                "ipv4" | "ipv6" => {}
                "src" | "dst" | "proto" | "sport" | "dport" => {
                    let value = words.next().unwrap_or_default();
                    if rule.set(word, value).is_none() {
                        rule.other.push(format!("{word} {value}"));
                    }
                }
                "tcpflags" => {
                    let [value, _, mask] = [0; 3].map(|_| words.next().unwrap_or_default());
                    match (value.parse(), mask.parse()) {
                        (Ok(value), Ok(mask)) => rule.tcp_flags = (value, mask),
                        _ => rule.other.push(format!("{word} {value} {mask}")),
                    }
                }
                _ => rule.other.push(word.to_owned()),
            }
        }
        rule
    }

    fn set(&mut self, word: &str, value: &str) -> Option<()> {
        match word {
            "src" => self.source = value.parse::<IpNet>().ok()?.trunc(),
            "dst" => self.target = value.parse::<IpNet>().ok()?.trunc(),
            "proto" => self.protocol = value.parse().ok()?,
            "sport" => self.source_ports = ports(value)?,
            _ => self.target_ports = ports(value)?,
        }
        Some(())
    }
}

fn ports(word: &str) -> Option<(u32, u32)> {
    let (first, last) = word.split_once('-').unwrap_or((word, word));
    Some((first.parse().ok()?, last.parse().ok()?))
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} to {}", self.action, self.source, self.target)?;
        if self.protocol != 0 {
            write!(f, " proto {}", self.protocol)?;
        }
        for (word, (first, last)) in [("sport", self.source_ports), ("dport", self.target_ports)] {
            if (first, last) != ALL_PORTS {
                write!(f, " {word} {first}-{last}")?;
            }
        }
        if let (value, mask @ 1..) = self.tcp_flags {
            write!(f, " tcpflags {value} mask {mask}")?;
        }
        for word in &self.other {
            write!(f, " '{word}'")?;
        }
        Ok(())
    }
}
