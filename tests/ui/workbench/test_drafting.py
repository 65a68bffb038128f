"""Picking data, stacking layers, changing settings: what the user builds before a run."""

from pathlib import Path

from textual.widgets import TextArea

from tests.ui.conftest import NARROW, ROOMY, Opener
from tuinn.runs.folder import all_runs
from tuinn.spec.layers.catalog import LayerSpec
from tuinn.spec.layers.model import ModelSpec
from tuinn.spec.presets.catalog import PRESETS, default_draft
from tuinn.ui.dialogs.fit_form import EVERYDAY
from tuinn.ui.widgets.virtual_list import VirtualList


async def test_the_first_screen_shows_five_panes_with_a_ready_draft(bench: Opener) -> None:
    async with bench(ROOMY) as here:
        text = here.text()
        for name in ("1 Dataset", "2 Layers", "3 Summary", "4 Charts", "5 Predict"):
            assert name in text
        assert "131,460 parameters" in text
        assert "T-shirt/top" in text
        assert "not trained yet" in text


async def test_at_80_by_24_every_pane_is_one_digit_away(bench: Opener) -> None:
    async with bench(NARROW) as here:
        for digit, word in (
            ("2", "Dense 154 relu"),
            ("3", "output shape"),
            ("4", "No run yet"),
            ("5", "#1 of"),
        ):
            await here.press(digit)
            assert word in here.text()
        await here.press("1")
        assert "single-label classification" in here.text()


async def test_tab_goes_through_all_five_panes_and_round(bench: Opener) -> None:
    async with bench(NARROW) as here:
        seen = []
        for _ in range(5):
            await here.press("tab")
            tabs = here.text().splitlines()[1]
            seen.append(tabs[tabs.index("[") + 1 : tabs.index("]")])
        assert seen == ["2 Layers", "3 Summary", "4 Charts", "5 Predict", "1 Dataset"]


async def test_a_terminal_that_is_too_small_says_so_and_recovers(bench: Opener) -> None:
    async with bench((59, 15)) as here:
        assert "59×15 is too small" in here.text()
        await here.pilot.resize_terminal(*NARROW)
        await here.settle()
        assert "too small" not in here.text()
        assert "Fashion-MNIST mini" in here.text()


async def test_a_layer_is_added_by_keys_and_the_summary_follows(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("2", "down", "down", "a")
        await here.type("dens")
        await here.press("enter")
        await here.type("32")
        assert "→ 32, 4,960 parameters" in here.text()
        await here.press("enter")
        layers = here.screen.draft.spec.model.layers
        assert layers[3] == LayerSpec.of("Dense", units=32)
        await here.press("3")
        assert "4,960" in here.text()


async def test_every_edit_can_be_taken_back_and_done_again(bench: Opener) -> None:
    async with bench() as here:
        await here.press("2", "d", "d", "J")
        edited = here.screen.draft.spec
        await here.press("ctrl+z", "ctrl+z", "ctrl+z")
        assert here.screen.draft.spec == default_draft()
        await here.press("ctrl+y", "ctrl+y", "ctrl+y")
        assert here.screen.draft.spec == edited


async def test_a_layer_moves_with_its_cursor(bench: Opener) -> None:
    async with bench() as here:
        await here.press("2", "down", "J", "J")
        kinds = [layer.type_name for layer in here.screen.draft.spec.model.layers]
        assert kinds == ["Rescaling", "Dense", "Dense", "Flatten", "Dropout", "Dense"]


async def test_a_bad_value_is_refused_as_it_is_typed_and_cannot_be_kept(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("2", "down", "down", "e")
        for bad in ("0", "-1", "1.5", "many", "10000000000000"):
            await here.press("ctrl+u", *bad, "enter")
            assert "units: must be a whole number from 1 to 1,000,000" in here.text(), bad
        await here.press("escape")
        assert here.screen.draft.spec == default_draft()


async def test_settings_of_the_training_are_checked_the_same_way(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("t")
        await here.press("tab", "ctrl+u")
        await here.type("abc")
        assert "learning_rate: must be a number above 0" in here.text()
        await here.press("ctrl+u")
        await here.type("0.01")
        await here.press("enter")
        assert here.screen.draft.spec.fit.learning_rate == 0.01


async def test_a_choice_turns_to_its_next_word(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("t", "ctrl+n", "f2")
        assert here.screen.draft.spec.fit.optimizer == "sgd"
        await here.press("t", "right", "left", "left", "f2")
        assert here.screen.draft.spec.fit.optimizer == "adam"


async def test_a_choice_opens_a_list_that_typing_filters(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("t", "enter")
        assert "for wide, sparse linear models" in here.text(), "every word has its line of help"
        await here.press(*"momen", "escape")
        assert "how a gradient becomes a step" in here.text(), "Esc leaves the list alone"
        await here.press(*"momen", "down", "enter", "f2")
        assert here.screen.draft.spec.fit.optimizer == "sgd"


async def test_metrics_are_ticked(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("t", "up", "up", "space", *"top", "space", "enter", "f2")
        assert here.screen.draft.spec.fit.metrics == ("accuracy", "top_5_accuracy")


async def test_what_few_change_lies_under_a_fold_that_opens_by_a_key_or_when_it_matters(
    bench: Opener,
) -> None:
    async with bench(ROOMY) as here:
        await here.press("t")
        assert "▸ more: 16 settings, all as usual" in here.text()
        assert "beta_1" not in here.text()
        box = here.app.screen.query_one(".dialog-box").size
        for _ in range(8):
            await here.press("down")
            assert here.app.screen.query_one(".dialog-box").size == box
        await here.press("f3", "ctrl+u", *"0.8", "f3")
        assert "▸ more: 16 settings, 1 changed" in here.text()
        await here.press("f2")
        assert here.screen.draft.spec.fit.beta_1 == 0.8
        await here.press("t")
        assert "▾ more" in here.text(), "one of its values is not as usual"


async def test_a_problem_opens_the_fold_that_hides_it(bench: Opener) -> None:
    draft = default_draft().with_fit(metrics=("accuracy",), monitor="val_accuracy", early_stopping_patience=3)
    async with bench(ROOMY, draft=draft) as here:
        await here.press("t", "f3")
        assert "▸ more" in here.text()
        await here.press("up", "up", "space", "space", "enter")
        assert "monitor is val_accuracy, but accuracy is not among the metrics" in here.words()
        assert "▾ more" in here.text()


async def test_f1_explains_the_field(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("t", "down", "f1")
        words = here.words()
        assert "Size of a step; too large diverges, too small crawls." in words
        assert "weight ← weight − learning_rate · gradient" in words
        assert "Default 0.001" in words
        assert "Allowed a number above 0 to 100" in words
        await here.press("escape", "down", "f1")
        assert "mean of (target − output)²" in here.words()


async def test_a_layer_that_does_not_fit_is_explained_and_one_key_fixes_it(bench: Opener) -> None:
    draft = default_draft()
    broken = draft.with_model(draft.model.insert(1, LayerSpec.of("Conv2D", filters=8, kernel_size=3)))
    async with bench(NARROW, draft=broken) as here:
        assert "layer 2: Conv2D needs height × width × channels" in here.text()
        assert "insert Reshape 28×28×1 before layer 2" in here.words()
        await here.press("f")
        assert "needs height" not in here.text()
        assert here.screen.draft.error is None


async def test_a_draft_with_an_error_is_not_run(bench: Opener) -> None:
    draft = default_draft()
    async with bench(draft=draft.with_fit(loss="binary_crossentropy")) as here:
        await here.press("r")
        assert "exactly one of 10 classes is right. f set loss to auto" in here.words()
        assert all_runs() == []


async def test_picking_a_table_brings_its_own_network(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("down", "down", "enter")
        spec = here.screen.draft.spec
        assert spec == PRESETS["iris-lab"]()
        assert "sepal" in here.text()
        await here.press("5")
        assert "setosa" in here.text()


async def test_a_stack_of_the_users_own_is_fitted_to_new_data(bench: Opener) -> None:
    draft = default_draft()
    own = draft.with_model(draft.model.remove(4))
    async with bench(draft=own) as here:
        await here.press("down", "down", "down", "enter")
        fitted = here.screen.draft
        assert fitted.spec.dataset.name == "wine"
        assert fitted.problems == ()
        assert fitted.spec.model.layers[-1].units == 3


async def test_a_preset_replaces_the_draft(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("w", "down", "enter")
        assert here.screen.draft.spec == PRESETS["fashion-cnn"]()


async def test_help_lists_every_key(bench: Opener) -> None:
    async with bench((100, 60)) as here:
        await here.press("question_mark")
        assert "train the draft in a process of its own" in here.text()
        await here.press("escape")
        assert "train the draft" not in here.text()


async def test_another_optimizer_brings_its_own_settings_and_drops_the_others(bench: Opener) -> None:
    async with bench((100, 50)) as here:
        await here.press("t", "f3", "f3", "f3")
        assert "beta_1" in here.text()
        await here.press(*["shift+tab"] * 8)
        await here.press("ctrl+n")
        assert "beta_1" not in here.text()
        assert "nesterov" in here.text()
        for _ in range(8):
            await here.press("down")
        await here.press("ctrl+u", *"0.9", "enter")
        fit = here.screen.draft.spec.fit
        assert (fit.optimizer, fit.momentum) == ("sgd", 0.9)


async def test_the_learning_rate_over_the_run_is_drawn_in_the_form(bench: Opener) -> None:
    async with bench((100, 50)) as here:
        await here.press("t")
        flat = here.text()
        await here.press("f3")
        while not here.app.screen.query("#form-schedule:focus"):
            await here.press("down")
        await here.press(*"cosine", "enter")
        assert "█" in here.text()
        assert "▁" in here.text()
        assert "▁" not in flat


async def test_marked_layers_are_cut_and_pasted_and_duplicated(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("2", "down", "down", "space", "space", "x")
        kinds = [layer.type_name for layer in here.screen.draft.spec.model.layers]
        assert kinds == ["Rescaling", "Flatten", "Dropout", "Dense"]
        await here.press("p")
        kinds = [layer.type_name for layer in here.screen.draft.spec.model.layers]
        assert kinds.count("Dense") == 3
        await here.press("D")
        assert len(here.screen.draft.spec.model.layers) == 7
        await here.press("u", "u", "u")
        assert here.screen.draft.spec == default_draft()


async def test_a_copied_layer_survives_a_change_of_dataset(bench: Opener) -> None:
    async with bench() as here:
        await here.press("2", "down", "down", "y", "1", "down", "down", "enter", "2", "p")
        assert default_draft().model.layers[2] in here.screen.draft.spec.model.layers


async def test_a_layer_can_be_left_out_and_taken_in_again(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("2", "down", "down", "b")
        assert here.screen.draft.spec.model.layers[2].disabled
        assert "50,890 parameters" in here.text()
        await here.press("b")
        assert here.screen.draft.spec == default_draft()


async def test_the_network_is_drawn_as_boxes_and_lines(bench: Opener) -> None:
    async with bench((100, 50)) as here:
        await here.press("3", "v")
        assert "dense: Dense" in here.text()
        assert "784 → 154" in here.text()
        await here.press("v")
        assert "output shape" in here.text()


async def test_the_summary_tells_what_training_costs_and_what_a_convolution_sees(bench: Opener) -> None:
    async with bench(NARROW, draft=PRESETS["fashion-cnn"]()) as here:
        await here.press("3")
        assert "MB to train" in here.text()
        assert "FLOPs" in here.text()
        assert "10 × 10" in here.text()


async def test_the_drawn_network_fits_the_width_that_a_dragged_border_leaves_it(bench: Opener) -> None:
    layers = (LayerSpec.of("Flatten", name="a_name_that_is_rather_long"), LayerSpec.of("Dense", units=10))
    async with bench(ROOMY, draft=default_draft().with_model(ModelSpec(layers))) as here:
        await here.press("3", "v")
        here.screen.pane_layout.drag("left", 30)
        here.screen.pane_layout.apply((120, 40), 3, here.screen.draft, None)
        await here.settle()
        rows = here.screen.summary_pane.query_one(VirtualList)
        boxes = [rows.render_line(y).text for y in range(1, rows.size.height)]
        assert rows.size.width == 26
        assert any(line.rstrip(" │┃").endswith("┐") for line in boxes), "the right edge of a box is in sight"


async def test_what_a_merge_is_connected_to_stands_in_the_summary(bench: Opener) -> None:
    draft = default_draft()
    block = (
        LayerSpec.of("Dense", units=64, name="before"),
        LayerSpec.of("Dense", units=64, activation="relu", name="inside"),
        LayerSpec.of("Add", **{"from": ["before", "inside"]}),
    )
    layers = (*draft.model.layers[:2], *block, *draft.model.layers[2:])
    async with bench(NARROW, draft=draft.with_model(ModelSpec(layers))) as here:
        await here.press("3")
        assert "connected to" in here.text()
        assert "before, inside" in here.text()


async def test_layers_are_typed_as_lines(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("2", "down", "i")
        await here.type("dens 32 relu")
        assert "Dense 32 relu  → 32, 25,120" in here.text()
        await here.press("enter")
        assert here.screen.draft.spec.model.layers[2] == LayerSpec.of("Dense", units=32, activation="relu")


async def test_pasted_keras_code_becomes_layers_and_is_never_run(bench: Opener, tmp_path: Path) -> None:
    code = "layers.Dense(128, activation='relu'),\nlayers.Dropout(0.3),"
    async with bench(NARROW) as here:
        await here.press("2", "down", "i")
        here.app.screen.query_one(TextArea).insert(code)
        await here.settle()
        assert "Dropout rate=0.3  → 128" in here.text()
        await here.press("enter")
        kinds = [layer.type_name for layer in here.screen.draft.spec.model.layers]
        assert kinds[2:4] == ["Dense", "Dropout"]
        await here.press("i")
        here.app.screen.query_one(TextArea).insert(f"__import__('os').system('touch {tmp_path}/ran')")
        await here.settle()
        await here.press("enter")
        assert "✗" in here.text()
        assert not (tmp_path / "ran").exists()


async def test_skip_links_are_drawn_as_rails_beside_the_rows(bench: Opener) -> None:
    async with bench(NARROW, draft=PRESETS["residual-cnn"]()) as here:
        await here.press("2")
        assert "╭─ ReLU" in here.text()


async def test_a_block_is_doubled_with_its_links_and_marks_follow_a_move(bench: Opener) -> None:
    async with bench(NARROW, draft=PRESETS["residual-cnn"]()) as here:
        names = here.screen.draft.spec.model.names()
        first, last = names.index("stem") + 1, names.index("sum64")
        await here.press("2", *["down"] * first, *["space"] * (last - first + 1), "D")
        draft = here.screen.draft
        assert draft.summary.mismatch is None
        assert "sum64_1" in draft.spec.model.names()
        await here.press("u", "home", "space", "space", "J", "J")
        kinds = [layer.type_name for layer in here.screen.draft.spec.model.layers]
        assert kinds[:4] == ["RandomFlip", "RandomRotation", "Rescaling", "Reshape"]
        assert here.text().count("•") == 2
        await here.press("escape")
        assert "•" not in here.text()


async def test_a_layer_is_added_before_the_cursor(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("2", "A")
        await here.type("flat")
        await here.press("enter")
        assert here.screen.draft.spec.model.layers[0].type_name == "Flatten"


async def test_the_cursor_goes_where_an_undo_changed_something(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("2", "end", "d", "home", "u")
        assert here.screen.query_one("#layers-list", VirtualList).at == 5
        await here.press("home", "D", "u")
        assert here.screen.query_one("#layers-list", VirtualList).at == 0


async def test_a_stack_of_a_thousand_layers_can_be_read_to_its_end_and_takes_no_more(bench: Opener) -> None:
    draft = default_draft()
    many = (LayerSpec.of("Dropout", rate=0.1),) * (1000 - len(draft.model.layers))
    layers = (*draft.model.layers[:2], *many, *draft.model.layers[2:])
    async with bench(NARROW, draft=draft.with_model(ModelSpec(layers))) as here:
        await here.press("2", "end")
        assert "1000 Dense 10 softmax" in here.words()
        await here.press("D")
        assert "That would make 1,001 layers" in here.text()
        assert len(here.screen.draft.spec.model.layers) == 1000
        await here.press("d", "u")
        assert "1000 Dense 10 softmax" in here.words()


async def test_code_pasted_on_the_stack_is_shown_before_it_goes_in(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("2")
        await here.paste("layers.Dense(7, activation='relu'),")
        assert "Dense 7 relu  → 28 × 7, 203" in here.text()
        await here.press("enter")
        assert here.screen.draft.spec.model.layers[1].units == 7


async def test_a_whole_network_pasted_on_the_stack_takes_its_place_once_that_is_chosen(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("2")
        await here.paste("model = keras.Sequential([layers.Flatten(), layers.Dense(10)])")
        await here.press("enter")
        assert "A whole network was pasted" in here.text()
        await here.press("enter")
        kinds = [layer.type_name for layer in here.screen.draft.spec.model.layers]
        assert kinds == ["Flatten", "Dense"]
        await here.press("u")
        assert here.screen.draft.spec == default_draft()


async def test_kinds_stand_in_groups_and_arrows_go_past_the_headings(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("2", "a")
        assert "│ Core" in here.text()
        assert "y = activation(x · W + b)" in here.text()
        await here.press(*["down"] * 7)
        assert "Finds the same small pattern" in here.words()
        await here.press("pagedown", "pagedown", "pageup", "up")
        assert "in decoders" in here.words().lower() or "convolution" in here.words().lower()
        await here.press(*"bn")
        await here.press("f1")
        assert "Seldom changed" in here.words() or "momentum" in here.words()
        await here.press("escape", "enter", "enter")
        assert here.screen.draft.spec.model.layers[1].type_name == "BatchNormalization"


async def test_every_fix_is_shown_as_the_change_it_makes_and_undone_by_one_key(bench: Opener) -> None:
    draft = default_draft().with_setting("layers[6].units", "7").with_fit(loss="binary_crossentropy")
    async with bench(NARROW, draft=draft) as here:
        await here.press("F")
        assert "~ layer 6: Dense 7 softmax → Dense 10 softmax" in here.words()
        assert "→ 131,460 parameters, 1 problem left" in here.text()
        await here.press("down")
        assert "+ layer 7: Dense 10 softmax" in here.text()
        await here.press("down")
        assert "~ loss: binary_crossentropy → auto" in here.text()
        await here.press("enter")
        assert here.screen.draft.spec.fit.loss == "auto"
        await here.press("u")
        assert here.screen.draft.spec == draft


async def test_a_convolution_tells_in_its_form_how_much_each_of_its_values_sees(bench: Opener) -> None:
    async with bench(NARROW, draft=PRESETS["fashion-cnn"]()) as here:
        await here.press("2", *["down"] * 4, "e")
        assert "→ 11 × 11 × 64, 18,496 parameters, each sees 8 × 8 of the input" in here.text()


async def test_the_theme_turns_and_everything_is_drawn_in_its_colours(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("2", "T")
        assert here.app.theme == "tuinn-light"
        rows = here.screen.query_one("#layers-list", VirtualList)
        ink = here.app.theme_variables["foreground"].lower()
        styles = [part.style for part in rows.render_line(0) if part.style]
        colours = {str(style.color.name).lower() for style in styles if style.color}
        assert any(ink in colour for colour in colours), colours
        await here.press("T")
        assert here.app.theme == "tuinn-dark"


async def test_all_settings_of_a_kind_are_explained_from_its_form(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("2", "down", "down", "e", "f1")
        assert "Every output sees every input." in here.text()
        assert "y = activation(x · W + b)" in here.text()
        await here.press("escape", "escape")
        assert here.screen.draft.spec == default_draft()


async def test_the_share_to_validate_on_is_a_setting_of_the_training(bench: Opener) -> None:
    async with bench((100, 50)) as here:
        await here.press("t", *["down"] * EVERYDAY.index("validation"))
        await here.press("ctrl+u", *"0.2")
        assert "4,000 samples / 128 → 32 updates an epoch × 15 epochs = 480" in here.text()
        await here.press("enter")
        assert here.screen.draft.spec.dataset.validation == 0.2
        await here.press("u")
        assert here.screen.draft.spec == default_draft()


async def test_the_draft_is_shown_as_keras_code_in_step_with_every_edit(bench: Opener) -> None:
    async with bench(NARROW) as here:
        await here.press("2", "c")
        assert here.screen.tabs.shown == 3
        assert 'layers.Dense(154, activation="relu"),' in here.text()
        here.screen.drafts.edit_spec(here.screen.draft.spec.with_fit(batch_size=77))
        await here.settle()
        await here.press("end")
        assert "batch_size=77," in here.text()
        await here.press("c")
        assert "output shape" in here.text()
