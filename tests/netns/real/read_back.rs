//! What a hand changes in a real VPP is missed when it is read back.

use super::machine::{Vpp, namespace, prefix};
use super::{golden, sandbox, with_plugins_of};
use imp::plan::vpp;
use std::collections::HashSet;

const COMMANDS: &str = "vpplog imp-begin:a
create sub-interfaces x 5
set interface state x up
set interface state x.5 up
set interface ip address x.5 192.0.2.1/24
set interface ip address x.5 2001:db8::1/64
policer add name GOLD type 1r2c rate kbps cir 100000 cb 125000 round closest conform-action transmit exceed-action drop violate-action drop
policer add name other type 1r3c cir 10 cb 20000 eb 30000 exceed-action mark-and-transmit AF11
policer input name GOLD x
policer output name GOLD x.5
set urpf ip4 rx strict x.5
set urpf ip6 rx loose x.5
vpplog imp-applied:a
";

impl Vpp {
    /// What it does not have of these commands.
    pub fn lacks(&mut self, commands: &str) -> Vec<String> {
        let checks = vpp::checks(&vpp::parse(commands).unwrap().commands);
        let questions: HashSet<String> = checks.iter().flat_map(|it| it.fact.questions()).collect();
        let answers = questions
            .into_iter()
            .map(|question| (self.show(&question), question));
        let shown = answers.flat_map(|(answer, question)| vpp::shown(&question, &answer));
        let shown = vpp::as_if_fresh(shown.collect(), &checks);
        let missing = vpp::missing(&checks, &shown).into_iter();
        missing.map(|(_, what)| what).collect()
    }
}

#[test]
fn a_rate_and_a_mode_set_by_hand_are_missed() {
    let Some(prefix) = prefix("a_rate_and_a_mode_set_by_hand_are_missed") else {
        return;
    };
    sandbox::run_as_root(
        "real::read_back::a_rate_and_a_mode_set_by_hand_are_missed",
        |root| {
            namespace();
            let golden = golden();
            let core = golden.iter().find(|it| it.instance == "core").unwrap();
            let startup = with_plugins_of(&core.startup, "urpf_plugin.so");
            let mut vpp = Vpp::start(&prefix, root, "core", &startup, &["x".to_owned()], &[]).unwrap();
            vpp.want(COMMANDS, false);
            vpp.apply().unwrap();
            assert_eq!(vpp.lacks(COMMANDS), Vec::<String>::new());
            for (command, lacks) in [
                (
                    "configure policer name GOLD cir 200000 cb 125000 conform-action transmit",
                    "a policer 'GOLD' of type 1r2c cir 100000 eir 0 cb 125000 eb 0 rate kbps round closest \
                 conform transmit exceed drop violate drop; instead it has a policer 'GOLD' of type 1r2c cir 200000",
                ),
                (
                    "set urpf ip4 rx loose x.5",
                    "strict uRPF of IPv4 on 'x.5'; instead it has loose uRPF of IPv4 on 'x.5'",
                ),
                ("set urpf ip6 rx off x.5", "loose uRPF of IPv6 on 'x.5'"),
                (
                    "policer input unapply name GOLD x",
                    "a policer on the input of 'x'",
                ),
                (
                    "policer output unapply name GOLD x.5",
                    "a policer on the output of 'x.5'",
                ),
            ] {
                let before = vpp.lacks(COMMANDS);
                assert_eq!(vpp.show(command).trim(), "", "{command}");
                let mut more = vpp.lacks(COMMANDS);
                more.retain(|it| !before.contains(it));
                assert!(
                    matches!(&more[..], [only] if only.starts_with(&format!("does not have {lacks}"))),
                    "{command}: {more:?}"
                );
            }
            // Its number goes to the next one, and with it the mode that VPP believes it has.
            for line in [
                "delete sub-interface x.5",
                "create sub-interfaces x 5",
                "set urpf ip4 rx loose x.5",
            ] {
                vpp.show(line);
            }
            assert!(!vpp.show("show interface features x.5").contains("urpf"));
        },
    );
}
