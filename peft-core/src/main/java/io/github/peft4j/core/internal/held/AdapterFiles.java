package io.github.peft4j.core.internal.held;

import io.github.peft4j.core.PeftModel;
import io.github.peft4j.core.config.CommonSettings;
import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.internal.output.ClaimedFolder;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.text.internal.folder.TokenizerFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The files of a model's adapters, see {@link PeftModel#save}.
 *
 * @param model the base model
 * @param adapters those that may be saved
 */
public record AdapterFiles(Model<?> model, HeldAdapters adapters) {

    /**
     * Writes all adapters that there are.
     *
     * @throws IOException if writing fails
     */
    public void write(Path directory) throws IOException {
        // Some compute what they save just before.
        try (Lease change = model.leases().unnoticedChange()) {
            write(directory, adapters.names());
        }
    }

    /**
     * Writes some of the adapters.
     *
     * @throws IllegalArgumentException if one does not exist; nothing is written then
     * @throws IOException if writing fails
     */
    public void write(Path directory, Collection<String> names) throws IOException {
        try (Lease change = model.leases().unnoticedChange()) {
            List<HeldAdapter> held = names.stream().map(adapters::get).toList();
            try (ClaimedFolder claim = ClaimedFolder.join(directory)) {
                for (HeldAdapter each : held) {
                    write(directory, each);
                }
                if (!held.isEmpty()) {
                    AdapterStore.writeCard(
                            directory, toSave(held.get(0).adapter().config()), model.anatomy());
                }
            }
        }
    }

    private void write(Path directory, HeldAdapter held) throws IOException {
        held.adapter().beforeSave();
        Map<String, Weight> weights = new LinkedHashMap<>(held.adapter().parameters());
        held.carried().toSave(held.adapter()).forEach(weights::putIfAbsent);
        Path tokenizer = held.tokenizer();
        Path folder = AdapterStore.folder(directory, held.name());
        if (tokenizer != null && !(Files.exists(folder) && Files.isSameFile(tokenizer, folder))) {
            TokenizerFiles.copy(tokenizer, folder);
        }
        AdapterStore.write(
                directory,
                held.name(),
                toSave(held.adapter().config()),
                weights,
                held.adapter().sidecar(),
                model.head().told());
    }

    private PeftConfig toSave(PeftConfig config) {
        CommonSettings common = config.common();
        if (common.baseModel() == null) {
            common = common.withBaseModel(NewAdapters.baseName(model));
        }
        if (common.taskType() == null) {
            common = common.withAutoMapping(model.anatomy());
        }
        return config.withCommon(common);
    }
}
