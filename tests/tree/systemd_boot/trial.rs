//! A trial from the arming to whatever it comes to.

use super::*;

#[test]
fn a_trial_runs_once_and_the_bless_makes_it_the_default() {
    both_kinds(|machine| {
        machine.runs("imp_1.efi", "imp_1.efi", Token::None);
        machine.arm("imp_2.efi").unwrap();
        machine.runs("imp_1.efi", "imp_1.efi", Token::Armed(attempt("imp_2.efi")));
        assert_eq!(machine.power_on(), "imp_2+0-1.efi");
        machine.runs("imp_2.efi", "imp_1.efi", Token::Consumed(attempt("imp_2.efi")));
        let backend = machine.backend();
        backend.set_default(&image("imp_2.efi")).unwrap();
        backend.set_default(&image("imp_2.efi")).unwrap();
        machine.runs("imp_2.efi", "imp_2.efi", Token::Consumed(attempt("imp_2.efi")));
        backend.clear().unwrap();
        assert_eq!(machine.get("LoaderEntryDefault"), None, "the order says it");
        assert_eq!(machine.files(), ["imp_1.efi", "imp_2.efi"]);
        assert_eq!(machine.power_on(), "imp_2.efi");
        machine.runs("imp_2.efi", "imp_2.efi", Token::None);
    });
}

#[test]
fn a_reset_in_a_trial_is_the_way_back() {
    both_kinds(|machine| {
        machine.arm("imp_2.efi").unwrap();
        machine.power_on();
        for _ in 0..3 {
            assert_eq!(machine.power_on(), "imp_1.efi");
            machine.runs("imp_1.efi", "imp_1.efi", Token::Consumed(attempt("imp_2.efi")));
        }
        machine.backend().clear().unwrap();
        machine.backend().clear().unwrap();
        machine.runs("imp_1.efi", "imp_1.efi", Token::None);
        assert_eq!(machine.files(), ["imp_1.efi", "imp_2+0-1.efi"]);
        // Again, by force: the count begins anew.
        machine.arm("imp_2.efi").unwrap();
        assert_eq!(machine.power_on(), "imp_2+0-1.efi");
    });
}

#[test]
fn lost_variables_attempt_nothing() {
    both_kinds(|machine| {
        machine.arm("imp_2.efi").unwrap();
        fs::remove_file(machine.variable("LoaderEntryOneShot")).unwrap();
        assert_eq!(machine.power_on(), "imp_1.efi");
        machine.runs("imp_1.efi", "imp_1.efi", Token::Absent(attempt("imp_2.efi")));
    });
}

#[test]
fn an_older_image_is_blessed_by_name() {
    both_kinds(|machine| {
        machine.image("imp_0+0-0.efi", 0);
        machine.arm("imp_0.efi").unwrap();
        machine.power_on();
        machine.runs("imp_0.efi", "imp_1.efi", Token::Consumed(attempt("imp_0.efi")));
        machine.backend().set_default(&image("imp_0.efi")).unwrap();
        machine.backend().clear().unwrap();
        assert_eq!(machine.get("LoaderEntryDefault").as_deref(), Some("imp_0.efi"));
        machine.power_on();
        machine.runs("imp_0.efi", "imp_0.efi", Token::None);
        // And forward again: the name that was set moves with the bless.
        machine.arm("imp_2.efi").unwrap();
        machine.power_on();
        machine.runs("imp_2.efi", "imp_0.efi", Token::Consumed(attempt("imp_2.efi")));
        machine.backend().set_default(&image("imp_2.efi")).unwrap();
        machine.power_on();
        machine.backend().clear().unwrap();
        machine.runs("imp_2.efi", "imp_2.efi", Token::None);
    });
}

#[test]
fn an_image_without_a_counter_gets_one_before_anything_can_start_it() {
    both_kinds(|machine| {
        machine.image("imp_3.efi", 3);
        machine.runs("imp_1.efi", "imp_3.efi", Token::None);
        machine.arm("imp_3.efi").unwrap();
        machine.runs("imp_1.efi", "imp_1.efi", Token::Armed(attempt("imp_3.efi")));
        assert_eq!(machine.power_on(), "imp_3+0-1.efi");
    });
}

#[test]
fn an_esp_the_loader_cannot_write_is_found_out_and_is_never_blessed() {
    both_kinds(|mut machine| {
        machine.arm("imp_2.efi").unwrap();
        machine.esp_is_read_only = true;
        assert_eq!(machine.power_on(), "imp_2+0-0.efi");
        machine.runs("imp_2.efi", "imp_1.efi", Token::Consumed(attempt("imp_2.efi")));
        let refused = machine.backend().set_default(&image("imp_2.efi"));
        assert!(matches!(refused, Err(BackendError::Incapable(_))), "{refused:?}");
        assert!(machine.backend().strategies()[0].proof.is_err());
        assert_eq!(machine.power_on(), "imp_1.efi", "and it is not tried again");
    });
}

#[test]
fn a_start_after_the_one_attempt_is_somebodys_choice() {
    both_kinds(|machine| {
        machine.arm("imp_2.efi").unwrap();
        machine.power_on();
        machine.power_on();
        let name = if machine.counter_in_id {
            "imp_2+0-1.efi"
        } else {
            "imp_2.efi"
        };
        machine.set("LoaderEntryOneShot", name);
        assert_eq!(machine.power_on(), "imp_2+0-2.efi");
        machine.runs("imp_2.efi", "imp_1.efi", Token::Absent(attempt("imp_2.efi")));
    });
}

#[test]
fn a_drill_tries_a_copy_that_leaves_no_trace() {
    both_kinds(|machine| {
        let copy = machine.backend().copy_for_drill().unwrap();
        assert_eq!(copy, image("imp_1-drill.efi"));
        machine.runs("imp_1.efi", "imp_1.efi", Token::None);
        machine.arm("imp_1-drill.efi").unwrap();
        assert_eq!(machine.power_on(), "imp_1-drill+0-1.efi");
        machine.backend().remove_drill(&copy).unwrap();
        assert_eq!(
            machine.files(),
            ["imp_1-drill+0-1.efi", "imp_1.efi", "imp_2+0-0.efi"]
        );
        machine.power_on();
        machine.backend().clear().unwrap();
        machine.backend().remove_drill(&copy).unwrap();
        machine.backend().remove_drill(&copy).unwrap();
        machine.backend().remove_drill(&image("imp_2.efi")).unwrap();
        assert_eq!(machine.files(), ["imp_1.efi", "imp_2+0-0.efi"]);
    });
}

#[test]
fn a_torn_note_is_not_a_trial() {
    let machine = Machine::new(true);
    machine.arm("imp_2.efi").unwrap();
    fs::write(machine.path("efi/EFI/imp/trial"), b"0a1b2c\0\0\xff").unwrap();
    machine.runs("imp_1.efi", "imp_1.efi", Token::None);
    machine.backend().clear().unwrap();
    assert_eq!(machine.get("LoaderEntryOneShot"), None);
}

/// `kernel-install` writes tries without a count of those that were done.
#[test]
fn tries_without_a_count_are_found_and_tried() {
    let machine = Machine::new(false);
    machine.image("imp_0+3.efi", 0);
    machine.arm("imp_0.efi").unwrap();
    assert_eq!(machine.files(), ["imp_0+0-0.efi", "imp_1.efi", "imp_2+0-0.efi"]);
    assert_eq!(machine.power_on(), "imp_0+0-1.efi");
    machine.runs("imp_0.efi", "imp_1.efi", Token::Consumed(attempt("imp_0.efi")));
}

/// From systemd 257 on, a unified kernel with profiles is several entries, none of which is called as the file.
#[test]
fn an_entry_with_a_profile_is_its_file() {
    let machine = Machine::new(false);
    for (version, file) in [(0, "imp_0+0-0.efi"), (1, "imp_1.efi")] {
        let mut bytes = uki(version, b"kernel");
        // The number of sections is in the header; the first kernel section becomes the mark of a profile.
        let at = bytes.windows(8).position(|name| name == b".initrd\0").unwrap();
        bytes[at..at + 8].copy_from_slice(b".profile");
        fs::write(machine.kernel(file), bytes).unwrap();
    }
    machine.set("LoaderEntrySelected", "imp_1.efi@main");
    machine.set("LoaderEntryDefault", "imp_1.efi@main");
    machine.runs("imp_1.efi", "imp_1.efi", Token::None);
    let backend = machine.backend();
    backend.set_default(&image("imp_0.efi")).unwrap();
    assert_eq!(machine.get("LoaderEntryDefault").as_deref(), Some("imp_0.efi*"));
    assert_eq!(backend.loader().unwrap().default, image("imp_0.efi"));
}
