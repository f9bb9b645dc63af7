//! The property test: a definition that can be expressed comes back unchanged, and what can't names the field of the wizard.

use crate::{
    dice::{Dice, Words},
    stage::{Stage, owned},
};
use futures::StreamExt;
use model::{
    Invalid,
    definition::Definition,
    draft::{self, DefinitionDraft, Step},
};
use server::provider::{DeclaredSeen, Owned, Provider, Sort};
use std::collections::{BTreeMap, BTreeSet};

/// Definitions that are taken there and back.
const SEEDS: usize = 200;
/// Draws for each: a system that takes one way of volumes and wants a number to keep can express few.
const DRAWS: usize = 1_000;
/// Scenarios at a time, where several are needed.
const AT_ONCE: usize = 8;

/// What is wrong with a definition: the wizard's own rules by the capabilities, then the system's.
fn problems(provider: &dyn Provider, definition: &Definition) -> Invalid {
    match draft::parse(&DefinitionDraft::from(definition), &provider.capabilities()) {
        Err(invalid) => invalid,
        // What the wizard's fields don't hold in this form can't be asked for.
        Ok(read) if read != *definition => Invalid::one("name", "other", "The wizard would say it in another way."),
        Ok(_) => provider.express(definition),
    }
}

/// Definitions that can be expressed and that can stand beside each other.
fn batch<S: Stage>(stage: &S, words: &Words, dice: &mut Dice, most: usize) -> Vec<Owned> {
    let (mut all, mut subjects) = (Vec::new(), BTreeSet::new());
    for _ in 0..most * DRAWS {
        let definition = stage.shape(dice.definition(words));
        // Only what is declared upstream can be read back: a single backup is a run.
        if !definition.is_scheduled() || !problems(&**stage.provider(), &definition).0.is_empty() {
            continue;
        }
        let subject = definition.scope.subject.as_ref().map(|s| s.id.clone()).unwrap_or_default();
        if S::TOGETHER < SEEDS && !subjects.insert(subject) {
            continue;
        }
        all.push(owned(&format!("s{}", all.len()), definition));
        if all.len() == most {
            break;
        }
    }
    all
}

/// Applies all, observes once, adopts each.
async fn survive<S: Stage>(seed: u64) -> usize {
    let stage = S::open().await;
    let inventory = stage.provider().inventory().await.unwrap();
    // What it learns of its upstream decides about what it can express.
    stage.provider().check().await;
    let words = stage.words().with(&inventory);
    let all = batch(&stage, &words, &mut Dice::new(seed), S::TOGETHER.min(SEEDS));
    let mut written = BTreeMap::new();
    for owned in &all {
        let definition = &owned.definition;
        let applied = stage.provider().apply(owned, None, None).await;
        written.insert(&owned.upstream_name, applied.unwrap_or_else(|e| panic!("{seed}: {e:?} of {definition:#?}")));
    }
    let mut watcher = stage.watch();
    watcher.listed(Sort::Declared).await;
    for owned in &all {
        let name = &owned.upstream_name;
        let seen: DeclaredSeen = watcher.until(name, |m| m.declared.get(name).cloned()).await;
        let back = stage
            .provider()
            .adopt(owned, &seen)
            .unwrap_or_else(|e| panic!("{seed}: {e:?} of {:#?} from {:#}", owned.definition, seen.seen));
        let wanted = stage.normal(owned.definition.clone());
        assert_eq!(stage.normal(back), wanted, "{seed}: {:#}", seen.seen);
        assert_eq!(stage.provider().drift(&written[name], &seen), [], "{seed}: {:#}", seen.seen);
    }
    all.len()
}

pub async fn what_is_expressed_survives<S: Stage>() {
    let scenarios = SEEDS.div_ceil(S::TOGETHER);
    let counts: Vec<usize> = futures::stream::iter((0..scenarios).map(|n| survive::<S>(n as u64 + 1)))
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    let survived: usize = counts.iter().sum();
    assert!(survived * 10 >= SEEDS * 9, "the generator finds too few definitions that can be expressed: {survived}");
}

pub async fn what_is_refused_names_a_field<S: Stage>() {
    let stage = S::open().await;
    let inventory = stage.provider().inventory().await.unwrap();
    let can = stage.provider().capabilities();
    let words = stage.words().with(&inventory);
    let (mut dice, mut refused) = (Dice::new(7), 0);
    for _ in 0..2000 {
        let definition = dice.definition(&words);
        // What the system refuses is refused whether or not the wizard would have let it through.
        let wizard = draft::parse(&DefinitionDraft::from(&definition), &can).err().unwrap_or_default();
        for wrong in wizard.0.into_iter().chain(stage.provider().express(&definition).0) {
            refused += 1;
            assert_ne!(
                Step::of(&wrong.path),
                Step::Review,
                "no step of the wizard owns it: {wrong:?} of {definition:#?}"
            );
            assert!(!wrong.code.is_empty() && wrong.sentence.ends_with('.'), "{wrong:?}");
        }
    }
    assert!(refused > 0, "nothing was refused: the generator asks for too little");
}
