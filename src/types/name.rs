//! Names, each limited to what every program that reads it (kernel, VPP, FRR, systemd, ZFS) accepts.

use super::{ImageName, TypeError, VlanId, text_type};

/// Words that VPP's CLI reads as keywords where an interface name is expected, or as an interface where it expects the
/// keyword: one called `del` cannot be given an address, one called `address` makes `show interface address` show its
/// counters instead of the addresses of all, and one called `host-if` makes every `lcp create` fail. Where one is called
/// `output`, an ACL that is to filter what another sends filters what that one receives.
const VPP_KEYWORDS: [&str; 32] = [
    "acl",
    "all",
    "add",
    "addr",
    "address",
    "both",
    "del",
    "destination",
    "disable",
    "down",
    "feat",
    "features",
    "host-if",
    "input",
    "ip4",
    "ip6",
    "ipv6",
    "local0",
    "loose",
    "netns",
    "off",
    "output",
    "rx",
    "static",
    "strict",
    "table",
    "tag",
    "tun",
    "tx",
    "up",
    "verbose",
    "vtr",
];

/// What VPP calls the things it makes, followed by a number.
const VPPS_OWN: [&str; 8] = [
    "loop",
    "tap",
    "memif",
    "BondEthernet",
    "gre",
    "ipip",
    "vxlan_tunnel",
    "wg",
];

/// What VPP calls a host-interface until it is renamed, followed by the device.
const HOST_INTERFACE: &str = "host-";

/// The word before the number, or the device, of a name that VPP gives by itself.
pub fn vpps_own(name: &str) -> Option<&'static str> {
    let is_numbered = |own: &&&str| {
        let number = name.strip_prefix(**own).unwrap_or_default();
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    let numbered = VPPS_OWN.iter().find(is_numbered).copied();
    numbered.or_else(|| name.starts_with(HOST_INTERFACE).then_some(HOST_INTERFACE))
}

/// Letters, digits, `_` and `-`, starting with a letter: one word in VPP's CLI, in systemd's unit names and in paths.
fn is_word(text: &str, longest: usize) -> bool {
    text.len() <= longest
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
}

text_type! {
    /// The name of an interface that IMP creates: valid in VPP's CLI, in Linux and in frr.conf.
    ///
    /// 1 to 15 bytes (IFNAMSIZ) of `[A-Za-z][A-Za-z0-9_-]*`, not a keyword of VPP, not `lo` or `default`.
    IfName,
    "an interface name: 1 to 15 letters, digits, '-' or '_', starting with a letter; not lo, default or a word of VPP's commands, like all, del, up or address",
    |text| is_word(text, 15) && !VPP_KEYWORDS.contains(&text) && text != "lo" && text != "default"
}

text_type! {
    /// The name of a VRF: of its device in Linux and in frr.conf.
    ///
    /// 1 to 15 bytes (IFNAMSIZ) of `[A-Za-z][A-Za-z0-9_-]*`, not `lo`, and not what FRR calls the main table and all of them.
    VrfName,
    "the name of a VRF: 1 to 15 letters, digits, '-' or '_', starting with a letter; not lo, default or all",
    |text| is_word(text, 15) && !["lo", "default", "all"].contains(&text)
}

text_type! {
    /// The name of a network device as the kernel has it: 1 to 15 printable ASCII characters without spaces, `/`, `:`, `%`
    /// or `"`, and not `.` or `..`.
    KernelName,
    "a network device name: 1 to 15 printable ASCII characters without spaces, '/', ':', '%' or '\"'",
    |text| (1..=15).contains(&text.len())
        && text != "." && text != ".."
        && text.bytes().all(|b| b.is_ascii_graphic() && b != b'/' && b != b':' && b != b'%' && b != b'"')
}

impl KernelName {
    /// The loopback of every namespace.
    pub fn loopback() -> Self {
        Self("lo".to_owned())
    }
}

impl From<&VrfName> for KernelName {
    /// Every name of a VRF is also a name the kernel accepts.
    fn from(name: &VrfName) -> Self {
        Self(name.0.clone())
    }
}

impl From<&IfName> for KernelName {
    /// Every interface name is also a name the kernel accepts.
    fn from(name: &IfName) -> Self {
        Self(name.0.clone())
    }
}

text_type! {
    /// The name of a VPP instance: part of unit names, socket paths and file names. 1 to 16 bytes, lower case.
    ///
    /// Without `-`, so that `vpp-NAME-config.service` can only be read one way, and not `config`.
    InstanceName,
    "an instance name: 1 to 16 lower-case letters and digits, starting with a letter, not 'config'",
    |text| (1..=16).contains(&text.len()) && text != "config"
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

text_type! {
    /// The name of a `[nat.NAME]` table: part of ACL tags, which VPP limits to 63 bytes. 1 to 32 bytes.
    NatName,
    "a name: 1 to 32 letters, digits, '-' or '_', starting with a letter",
    |text| is_word(text, 32)
}

text_type! {
    /// The name of an Incus storage pool. 1 to 63 bytes.
    PoolName,
    "a name: 1 to 63 letters, digits, '-' or '_', starting with a letter",
    |text| is_word(text, 63)
}

text_type! {
    /// The name of a route-map, prefix-list, community-list, peer-group or BFD profile. 1 to 63 bytes.
    PolicyName,
    "a name: 1 to 63 letters, digits, '-', '_' or '.', starting with a letter",
    |text| (1..=63).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.'))
}

text_type! {
    /// The name of a network namespace: one path component below `/run/netns`. 1 to 31 bytes (VPP's limit).
    NetnsName,
    "a namespace name: 1 to 31 letters, digits, '-' or '_', starting with a letter",
    |text| is_word(text, 31)
}

text_type! {
    /// A host name (RFC 1123): one or more labels of 1 to 63 letters, digits and inner hyphens; 64 bytes at most
    /// (HOST_NAME_MAX).
    HostName,
    "a host name: at most 64 characters, in labels of 1 to 63 letters, digits and inner hyphens",
    |text| (1..=64).contains(&text.len()) && text.split('.').all(|label| {
        (1..=63).contains(&label.len())
            && !label.starts_with('-') && !label.ends_with('-')
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
    })
}

text_type! {
    /// The name of a ZFS dataset: `pool/child`, components of letters, digits, `-_.:`; 255 bytes in all.
    DatasetName,
    "a ZFS dataset name: letters, digits, '-', '_', '.' or ':' in parts separated by '/', starting with a letter",
    |text| (1..=255).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_alphabetic())
        && !text.contains("..")
        && text.split('/').all(|part| !part.is_empty() && part != "."
            && part.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':')))
}

impl DatasetName {
    /// The pool it is in.
    pub fn pool(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }

    /// The dataset above it; `None` for the pool itself.
    pub fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('/').map(|(parent, _)| Self(parent.to_owned()))
    }

    /// The name of the image in this dataset.
    pub fn image(&self) -> ImageName {
        ImageName::of_dataset(self)
    }
}

text_type! {
    /// Where an LVM pool lives: the absolute path of a block device, or the name of a volume group. 1 to 127 bytes.
    LvmSource,
    "the path of a block device, like /dev/disk/by-id/x, or the name of a volume group",
    |text| (1..=127).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'+' | b'.' | b'-' | b'/'))
        && match text.strip_prefix('/') {
            Some(path) => path.split('/').all(|part| !part.is_empty() && part != "." && part != ".."),
            None => !text.contains('/') && !text.starts_with(['-', '.']),
        }
}

/// A name of the document, and at most two tags behind it.
fn is_link(text: &str) -> bool {
    let mut parts = text.split('.');
    let base = parts.next().is_some_and(|name| name.parse::<IfName>().is_ok());
    let tags: Vec<&str> = parts.collect();
    base && tags.len() <= 2 && text.len() <= 15 && tags.iter().all(|tag| tag.parse::<VlanId>().is_ok())
}

text_type! {
    /// The name of an interface of the dataplane, of at most 15 bytes: the same in VPP, Linux and frr.conf. A VLAN's has its
    /// parent's name and the tag, `internal.30`; that of a VLAN inside it both tags, `internal.30.7`, and another in VPP.
    LinkName,
    "an interface, or an interface and a VLAN, like internal.30: at most 15 characters",
    is_link
}

impl LinkName {
    /// Its name in VPP, which calls every sub-interface `PARENT.NUMBER`: of two tags the number is made of both.
    pub fn in_vpp(&self) -> String {
        let mut parts = self.0.split('.');
        let name = parts.next().unwrap_or_default();
        let tags: Vec<u32> = parts.filter_map(|tag| tag.parse().ok()).collect();
        match tags[..] {
            [outer, inner] => format!("{name}.{}", Self::number(outer, inner)),
            _ => self.0.clone(),
        }
    }

    /// The number of a VLAN inside another: above every tag, and no two have the same.
    fn number(outer: u32, inner: u32) -> u32 {
        outer * 10_000 + inner
    }

    /// The name derived for a tag on a parent; an error when it exceeds the kernel's 15 bytes.
    pub fn tagged(&self, tag: VlanId) -> Result<Self, TypeError> {
        let text = format!("{self}.{tag}");
        match text.len() {
            0..=15 => Ok(Self(text)),
            length => Err(TypeError::expected(format!(
                "a name of at most 15 characters; '{text}' has {length}"
            ))),
        }
    }
}

impl From<&IfName> for LinkName {
    fn from(name: &IfName) -> Self {
        Self(name.0.clone())
    }
}

impl From<&LinkName> for KernelName {
    /// linux-cp's device has the name of the link.
    fn from(name: &LinkName) -> Self {
        Self(name.0.clone())
    }
}
