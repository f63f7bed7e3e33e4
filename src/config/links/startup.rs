//! `[vpp.NAME] extra-startup-file`: stanzas behind the generated ones, read as VPP reads them.

use super::raw::{BondModeRaw, InstanceRaw, InstancesRaw, InterfacesRaw};
use crate::config::Attach;
use crate::config::check::Checking;
use crate::config::code::{E0387, E0388};
use crate::config::diag::Diagnostic;
use crate::config::keys::{Field, Reading, Shape, Takes, Value};
use crate::config::source::{Located, Span};
use crate::types::{InstanceName, PciAddress, RelPath};
use std::collections::{BTreeMap, BTreeSet};

/// The file `extra-startup-file` names, read.
#[derive(Debug, Clone)]
pub(in crate::config) struct StartupRaw {
    /// Its path.
    pub(in crate::config) path: Located<RelPath>,
    /// Its text.
    pub(in crate::config) text: String,
    words: Vec<Word>,
}

/// A token outside of comments; braces are tokens of their own, as in VPP.
#[derive(Debug, Clone)]
struct Word {
    text: String,
    span: Span,
    /// How many groups are open around it.
    depth: usize,
}

impl Takes for StartupRaw {
    fn read(value: &Value<'_>, reading: &mut Reading<'_>) -> Option<Self> {
        let path = Located {
            value: RelPath::read(value, reading)?,
            span: value.span(),
        };
        let (text, base) = reading.text_of(Located {
            value: &path.value,
            span: path.span,
        })?;
        let words = words(&text, base);
        reading.keep_text(path.value.as_ref(), text.clone());
        Some(Self { path, text, words })
    }

    fn shape() -> Shape {
        RelPath::shape()
    }
}

fn words(text: &str, base: u32) -> Vec<Word> {
    let mut words = Vec::new();
    let (mut depth, mut start) = (0_usize, 0);
    for line in text.split_inclusive('\n') {
        let mut rest = 0;
        while let Some(offset) = line[rest..].find(|c: char| !c.is_ascii_whitespace()) {
            let at = rest + offset;
            let token = &line[at..];
            if token.starts_with('#') {
                break;
            }
            let ends = |c: char| c.is_ascii_whitespace() || matches!(c, '{' | '}');
            let length = match token.starts_with(['{', '}']) {
                true => 1,
                false => token.find(ends).unwrap_or(token.len()),
            };
            let word = &token[..length];
            depth = depth.saturating_sub(usize::from(word == "}"));
            let first = base + (start + at) as u32;
            words.push(Word {
                text: word.to_owned(),
                span: Span {
                    start: first,
                    end: first + length as u32,
                },
                depth,
            });
            depth += usize::from(word == "{");
            rest = at + length;
        }
        start += line.len();
    }
    words
}

/// The stanzas of VPP and its plugins (the names of its configuration functions).
const STANZAS: [&str; 63] = [
    "acl-plugin",
    "api-fuzz",
    "api-queue",
    "api-segment",
    "api-trace",
    "buffers",
    "calico-policy-plugin",
    "cnat",
    "cpu",
    "crypto-engines",
    "crypto_sw_scheduler",
    "ct6",
    "devices",
    "dns",
    "dpdk",
    "dsa",
    "dslite",
    "ethernet",
    "fateshare",
    "heapsize",
    "http",
    "ikev2",
    "interface",
    "ip",
    "ip6",
    "ipsec",
    "l2fib",
    "l2learn",
    "l2tp",
    "l3fib",
    "linux-cp",
    "linux-nl",
    "logging",
    "mactime",
    "mc",
    "memory",
    "mpls",
    "node",
    "npol-plugin",
    "nsim",
    "physmem",
    "plugin_path",
    "plugins",
    "punt",
    "pvti",
    "quic",
    "selog",
    "session",
    "sfdp",
    "socksvr",
    "statseg",
    "tap",
    "tcp",
    "test-proxy",
    "test_plugin_path",
    "tls",
    "trace",
    "tuntap",
    "udp",
    "unix",
    "unix-cli",
    "vhost-user",
    "vlib",
];

/// Settings every generated startup.conf has. VPP takes what stands last: a socket where nobody asks, memory nobody reserved.
const SETTINGS: [(&str, &str); 8] = [
    ("api-segment", "prefix"),
    ("memory", "main-heap-size"),
    ("socksvr", "default"),
    ("socksvr", "socket-name"),
    ("statseg", "default"),
    ("statseg", "socket-name"),
    ("unix", "cli-listen"),
    ("unix", "pidfile"),
];

/// What the generated startup.conf of an instance names, as far as the documents alone decide it.
#[derive(Debug, Default)]
pub(in crate::config) struct Generated {
    plugins: BTreeSet<&'static str>,
    devices: BTreeMap<PciAddress, Span>,
    /// Stanza and key of each setting, with the key of the documents it is from.
    settings: BTreeMap<(&'static str, &'static str), Option<Span>>,
}

impl Generated {
    fn of(
        instance: &InstanceName,
        raw: &InstanceRaw,
        interfaces: &Field<InterfacesRaw>,
        nats: &[(InstanceName, &'static str)],
    ) -> Self {
        let mut generated = Self::default();
        generated.settings(raw);
        let plugins = &mut generated.plugins;
        plugins.insert("ping");
        if instance.as_ref() != "core" {
            let mode = nats
                .iter()
                .find(|(name, _)| name == instance)
                .map(|(_, mode)| *mode);
            let plugin = mode.map(|mode| match mode {
                "nat44-ed" => "nat",
                // det44 and nat64 are called like their plugins.
                mode => mode,
            });
            plugins.extend(plugin.into_iter().flat_map(|plugin| [plugin, "memif"]));
            return generated;
        }
        generated.settings.insert(("linux-cp", "default"), None);
        plugins.extend(["linux_cp", "linux_nl"]);
        if !nats.is_empty() {
            plugins.insert("memif");
        }
        if nats.iter().any(|(_, mode)| *mode != "nat64") {
            plugins.extend(["acl", "abf"]);
        }
        for (_, table) in interfaces.entries() {
            let pci = table.value.matches.get().and_then(|matches| matches.pci.copied());
            match (table.value.attach.value(), pci) {
                (Some(Attach::AfPacket), _) => _ = plugins.insert("af_packet"),
                (Some(Attach::Dpdk), None) => _ = plugins.insert("dpdk"),
                (_, Some(pci)) => {
                    plugins.insert("dpdk");
                    generated.devices.insert(pci.value, pci.span);
                }
                // Only the machine knows what this NIC is.
                (None, None) => {}
            }
            let mode = table.value.bond.get().and_then(|bond| bond.mode.value());
            if mode == Some(BondModeRaw::Lacp) {
                plugins.insert("lacp");
            }
        }
        generated
    }

    fn settings(&mut self, raw: &InstanceRaw) {
        self.settings.extend(SETTINGS.map(|setting| (setting, None)));
        let written = [
            (("memory", "main-heap-size"), raw.main_heap_size.span()),
            (("cpu", "main-core"), raw.main_core.span()),
            (("cpu", "corelist-workers"), raw.corelist_workers.span()),
            (("buffers", "buffers-per-numa"), raw.buffers_per_numa.span()),
            (("dpdk", "uio-driver"), raw.uio_driver.span()),
        ];
        let written = written.into_iter().filter(|(_, span)| span.is_some());
        self.settings.extend(written);
    }
}

/// Every instance's extra stanzas against the generated ones: VPP ends at what it does not know, and at a plugin that is
/// named twice.
pub(in crate::config) fn stanzas_fit(
    instances: &Field<InstancesRaw>,
    interfaces: &Field<InterfacesRaw>,
    nats: &[(InstanceName, &'static str)],
    cx: &mut Checking<'_>,
) {
    for (name, table) in instances.entries() {
        let Some(extra) = table.value.extra_startup_file.get() else {
            continue;
        };
        let generated = Generated::of(&name.value, &table.value, interfaces, nats);
        extra.stanzas_are_known(cx);
        extra.nothing_is_named_again(&generated, cx);
        extra.nothing_is_set_again(&generated, cx);
    }
}

/// Why extra stanzas do not name a plugin that the generated ones have.
pub(super) fn is_generated(plugin: &str, span: Span) -> Diagnostic {
    let message = format!("the plugin '{plugin}' is in the generated startup.conf already");
    Diagnostic::error(E0387, span, message)
        .label("VPP does not start when a plugin is named twice")
        .hint("remove it")
}

impl StartupRaw {
    /// The stanza of a name.
    pub(super) fn stanza(&self, name: &str) -> Option<Span> {
        let mut outer = self.words.iter().filter(|word| word.depth == 0);
        outer.find(|word| word.text == name).map(|word| word.span)
    }

    fn stanzas_are_known(&self, cx: &mut Checking<'_>) {
        let mut outer = self.words.iter().filter(|word| word.depth == 0).peekable();
        while let Some(word) = outer.next() {
            if matches!(word.text.as_str(), "{" | "}") || STANZAS.contains(&word.text.as_str()) {
                // `heapsize 1G`, `plugin_path DIR`: a value in place of a group.
                let bare = matches!(
                    word.text.as_str(),
                    "heapsize" | "plugin_path" | "test_plugin_path"
                );
                if bare && outer.peek().is_some_and(|next| next.text != "{") {
                    outer.next();
                }
                continue;
            }
            let error = Diagnostic::error(E0388, word.span, format!("VPP has no stanza '{}'", word.text))
                .label("it would not start");
            let near = cx.found.nearest(&word.text, STANZAS.iter().copied());
            cx.report(match near {
                Some(near) => error.hint(format!("did you mean '{near}'?")),
                None => error.hint("stanzas are `NAME { ... }`, like `logging { size 2048 }`"),
            });
        }
    }

    /// The plugins it names, and where.
    pub(super) fn plugins(&self) -> impl Iterator<Item = (&str, Span)> {
        let pairs = self.words.windows(2);
        pairs.filter_map(|pair| match pair {
            [key, value] if (key.text.as_str(), key.depth) == ("plugin", 1) => {
                Some((value.text.as_str(), value.span))
            }
            _ => None,
        })
    }

    fn nothing_is_named_again(&self, generated: &Generated, cx: &mut Checking<'_>) {
        let mut plugins: BTreeMap<&str, Span> = BTreeMap::new();
        let mut devices: BTreeMap<PciAddress, Span> = BTreeMap::new();
        for pair in self.words.windows(2) {
            let [key, value] = pair else { continue };
            let (name, span) = (value.text.as_str(), value.span);
            match (key.text.as_str(), key.depth) {
                ("plugin", 1) => {
                    let plugin = name.trim_end_matches("_plugin.so");
                    if name == "default" || generated.plugins.contains(plugin) {
                        cx.report(is_generated(name, span));
                    } else if let Some(first) = plugins.insert(name, span) {
                        let message = format!("the plugin '{name}' is named twice");
                        cx.report(Diagnostic::error(E0387, span, message).also(first, "first here"));
                    }
                }
                ("dev", 1) => {
                    let Ok(pci) = name.parse::<PciAddress>() else {
                        continue;
                    };
                    let known = generated.devices.get(&pci).copied();
                    if let Some(first) = devices.insert(pci, span).or(known) {
                        let message = format!("the device {pci} is named twice");
                        cx.report(
                            Diagnostic::error(E0387, span, message)
                                .label("VPP would have none of its NICs")
                                .also(first, "first here")
                                .hint("remove it: the `dev` of every NIC in [interfaces] is generated"),
                        );
                    }
                }
                _ => {}
            }
        }
    }
    fn nothing_is_set_again(&self, generated: &Generated, cx: &mut Checking<'_>) {
        let mut stanza = "";
        for pair in self.words.windows(2) {
            let [before, word] = pair else { continue };
            if before.depth == 0 && word.text == "{" {
                stanza = &before.text;
            }
            let setting = generated.settings.get(&(stanza, word.text.as_str()));
            let Some(place) = setting.filter(|_| word.depth == 1) else {
                continue;
            };
            let message = format!("'{}' is in the generated startup.conf already", word.text);
            let error = Diagnostic::error(E0387, word.span, message).label("VPP would take this one");
            cx.report(match place {
                Some(place) => error.also(*place, "it is from here").hint("change it there"),
                None if word.text == "main-heap-size" => {
                    error.hint("write `main-heap-size` in the table of the instance")
                }
                None => error.hint("remove it: IMP relies on the generated one"),
            });
        }
    }
}
