package io.github.peft4j.cli;

import io.github.peft4j.core.AttachContext;
import io.github.peft4j.core.PeftMethods;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.models.CausalLm;
import io.github.peft4j.models.nn.RowSelection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Saved adapters to use, any number of them, of which prompts may name theirs. */
final class AdapterChoices {

    @Option(
            names = "--adapter",
            paramLabel = "[NAME=]DIR",
            description =
                    "An adapter folder as Hugging Face PEFT saves it, repeatable; of several, each prompt of a .jsonl"
                            + " file uses the one it names (adapter), and others the first. Default: the model alone.")
    List<String> given = new ArrayList<>();

    /**
     * The folders by name, checked before anything else is loaded.
     *
     * @throws BadInput if one is not there, or two have the same name
     */
    private Map<String, Path> folders() {
        Map<String, Path> folders = new LinkedHashMap<>();
        for (String text : given) {
            int at = Files.isDirectory(Path.of(text)) ? -1 : text.indexOf('=');
            Path folder = Path.of(text.substring(at + 1));
            Loading.requireFolder(folder, "--adapter");
            String name = at < 0 ? nameOf(folder) : text.substring(0, at);
            // It checks the name.
            String checked =
                    BadInput.when(() -> new AttachContext(name, 0, false)).adapterName();
            if (folders.putIfAbsent(checked, folder) != null) {
                throw new BadInput(
                        "two adapters are named " + checked + ": give one another name with --adapter NAME=" + folder);
            }
        }
        return folders;
    }

    /** The folder's own name, as far as an adapter can have it. */
    private static String nameOf(Path folder) {
        String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
        return name.replaceAll("[./\\\\:*?\"<>|\\s]", "_");
    }

    /**
     * Checks that the folders are there, and that prompts name none but these.
     *
     * @throws BadInput if not
     */
    void check(List<PromptOptions.Prompt> prompts) {
        Map<String, Path> folders = folders();
        for (PromptOptions.Prompt prompt : prompts) {
            String name = prompt.adapter();
            if (name != null && !name.equals(PeftModel.BASE) && !folders.containsKey(name)) {
                throw new BadInput("a prompt asks for the adapter \"" + name + "\", but there "
                        + (folders.isEmpty() ? "is none" : "are " + folders.keySet()) + ": give it with --adapter "
                        + name + "=DIR");
            }
        }
    }

    /** The adapters that a model has, if any, of which the first is active. */
    record Loaded(@Nullable PeftModel model, String first) {

        /**
         * What prompts choose; null if none does, and all use the active adapter.
         *
         * @param all whether any prompt of the whole file chooses
         */
        @Nullable
        RowSelection select(List<PromptOptions.Prompt> prompts, boolean all) {
            PeftModel peft = model;
            if (peft == null || !all) {
                return null;
            }
            List<String> names = prompts.stream()
                    .map(prompt -> prompt.adapter() == null ? first : prompt.adapter())
                    .toList();
            return BadInput.when(() -> peft.selectRows(names));
        }
    }

    /**
     * Puts the adapters into a model.
     *
     * @throws IOException if one cannot be used or does not fit
     */
    Loaded load(Console console, CausalLm base) throws IOException {
        Map<String, Path> folders = folders();
        PeftModel peft = null;
        for (Map.Entry<String, Path> entry : folders.entrySet()) {
            String name = entry.getKey();
            Path folder = entry.getValue();
            PeftModel before = peft;
            peft = BadInput.when(() -> {
                if (before == null) {
                    return PeftModel.load(base, folder, name, PeftMethods.discovered());
                }
                before.load(folder, name);
                return before;
            });
            console.note("adapter  " + (folders.size() > 1 ? name + " " : "") + folder + ": "
                    + peft.adapter(name).config().peftType());
        }
        return new Loaded(
                peft,
                folders.isEmpty() ? PeftModel.BASE : folders.keySet().iterator().next());
    }
}
