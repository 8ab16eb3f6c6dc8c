package io.github.peft4j.cli.internal.option;

import io.github.peft4j.cli.internal.console.BadInput;
import io.github.peft4j.cli.internal.console.Console;
import io.github.peft4j.cli.internal.loading.Loading;
import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.core.report.ModelStatus;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.causal.LanguageHead;
import io.github.peft4j.models.hub.internal.Hub;
import io.github.peft4j.models.nn.RowSelection;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Saved adapters to use, any number of them, of which prompts may name theirs. */
public final class AdapterChoices {

    @Option(
            names = "--adapter",
            paramLabel = "[NAME=]DIR|ID",
            description =
                    "An adapter folder as Hugging Face PEFT saves it, or an adapter on a hub, repeatable; of several, each prompt of a .jsonl"
                            + " file uses the one it names (adapter), and others the first. Default: the model alone.")
    public List<String> given = new ArrayList<>();

    private final Map<String, Path> folders = new LinkedHashMap<>();

    /** The folders by name, once they are found. */
    public Map<String, Path> folders() {
        return folders;
    }

    private void find(Hub hub) throws IOException {
        for (String text : given) {
            int at = Files.isDirectory(Path.of(text)) ? -1 : text.indexOf('=');
            String named = text.substring(at + 1);
            Path folder = Loading.adapterFolder(named, "--adapter", hub);
            String name = at < 0 ? nameOf(Path.of(named.replace(':', '/'))) : text.substring(0, at);
            // It checks the name.
            String checked =
                    BadInput.when(() -> new AttachContext(name, 0, false)).adapterName();
            if (folders.putIfAbsent(checked, folder) != null) {
                throw new BadInput(
                        "two adapters are named " + checked + ": give one another name with --adapter NAME=" + folder);
            }
        }
    }

    /** The name of the adapter that a prompt is continued with if there are these; {@link PeftModel#BASE} for none. */
    public static String of(PromptOptions.@Nullable Prompt prompt, Map<String, Path> folders) {
        String named = prompt == null ? null : prompt.adapter();
        return named != null
                ? named
                : folders.isEmpty()
                        ? PeftModel.BASE
                        : folders.keySet().iterator().next();
    }

    /** The folder's own name, as far as an adapter can have it. */
    private static String nameOf(Path folder) {
        String name = String.valueOf(folder.toAbsolutePath().normalize().getFileName());
        return name.replaceAll("[./\\\\:*?\"<>|\\s]", "_");
    }

    /**
     * Finds the folders, before anything else is loaded, and checks that prompts name none but these.
     *
     * @throws BadInput if one is not there, two have the same name, or a prompt names another
     * @throws IOException if the hub does not give one
     */
    public void check(List<PromptOptions.Prompt> prompts, Hub hub) throws IOException {
        find(hub);
        for (PromptOptions.Prompt prompt : prompts) {
            String name = prompt.adapter();
            if (name != null && !name.equals(PeftModel.BASE) && !folders.containsKey(name)) {
                throw new BadInput("a prompt asks for the adapter \"" + name + "\", but there "
                        + (folders.isEmpty() ? "is none" : "are " + folders.keySet()) + ": give it with --adapter "
                        + name + "=DIR");
            }
        }
    }

    /**
     * The adapters that a model has, if any, of which the first is active.
     *
     * @param byRows names of those that rows of a batch can choose while others choose another
     */
    public record Loaded(@Nullable PeftModel<?> model, Map<String, Path> folders, Set<String> byRows) {

        static Loaded with(@Nullable PeftModel<?> model, Map<String, Path> folders) {
            Stream<ModelStatus.OfAdapter> all = model == null ? Stream.of() : model.status().adapters().stream();
            return new Loaded(
                    model,
                    folders,
                    all.filter(ModelStatus.OfAdapter::byRows)
                            .map(ModelStatus.OfAdapter::name)
                            .collect(Collectors.toSet()));
        }

        /** Whether two prompts can be continued in one batch: those of one adapter can, others if theirs go by rows. */
        public boolean goTogether(PromptOptions.Prompt one, PromptOptions.Prompt other) {
            String first = of(one, folders);
            String second = of(other, folders);
            return first.equals(second) || (goesByRows(first) && goesByRows(second));
        }

        private boolean goesByRows(String name) {
            return name.equals(PeftModel.BASE) || byRows.contains(name);
        }

        /** What prompts that go together choose; null if they all choose the same, which is then active. */
        @Nullable
        public RowSelection select(List<PromptOptions.Prompt> prompts) {
            PeftModel<?> peft = model;
            if (peft == null) {
                return null;
            }
            List<String> names =
                    prompts.stream().map(prompt -> of(prompt, folders)).toList();
            boolean one = names.stream().distinct().count() == 1;
            if (one && !names.get(0).equals(PeftModel.BASE)) {
                peft.setActive(names.get(0));
                return null;
            }
            peft.deactivate();
            return one ? null : BadInput.when(() -> peft.selectRows(names));
        }
    }

    /**
     * Puts the adapters into a model.
     *
     * @throws IOException if one cannot be used or does not fit
     */
    public Loaded load(Console console, Model<LanguageHead> base) throws IOException {
        PeftModel<?> peft = null;
        for (Map.Entry<String, Path> entry : folders.entrySet()) {
            String name = entry.getKey();
            Path folder = entry.getValue();
            PeftModel<?> before = peft;
            peft = BadInput.when(() -> {
                PeftModel<?> now = before == null ? PeftModel.of(base, PeftMethods.discovered()) : before;
                now.load(folder, name);
                return now;
            });
            console.note("adapter  " + (folders.size() > 1 ? name + " " : "") + folder + ": "
                    + Loading.description(peft, name));
        }
        return Loaded.with(peft, folders);
    }
}
