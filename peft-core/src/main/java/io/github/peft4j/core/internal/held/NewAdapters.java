package io.github.peft4j.core.internal.held;

import io.github.peft4j.core.config.PeftConfig;
import io.github.peft4j.core.config.TaskType;
import io.github.peft4j.core.internal.store.AdapterStore;
import io.github.peft4j.core.internal.trained.ModulesToSave;
import io.github.peft4j.core.method.Adapter;
import io.github.peft4j.core.method.AttachContext;
import io.github.peft4j.core.method.PeftMethod;
import io.github.peft4j.core.method.PeftMethods;
import io.github.peft4j.core.method.internal.MatchedNames;
import io.github.peft4j.core.method.internal.SavedAdapter;
import io.github.peft4j.core.method.internal.Swappable;
import io.github.peft4j.models.Model;
import io.github.peft4j.models.checkpoint.CheckpointException;
import io.github.peft4j.models.internal.ModelOrigin;
import io.github.peft4j.models.internal.lease.Lease;
import io.github.peft4j.models.internal.message.Printable;
import io.github.peft4j.models.kernel.Weight;
import io.github.peft4j.models.nn.Wrapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts adapters, new ones and saved ones, into a model beside those there are: wholly or not at all. */
public final class NewAdapters {

    private static final Logger LOG = LoggerFactory.getLogger(NewAdapters.class);

    private final Model<?> model;
    private final PeftMethods methods;
    private final HeldAdapters adapters;

    public NewAdapters(Model<?> model, PeftMethods methods, HeldAdapters adapters) {
        this.model = model;
        this.methods = methods;
        this.adapters = adapters;
        if (model.modulesByPath().values().stream().anyMatch(Wrapper.class::isInstance)) {
            LOG.warn(
                    "You are trying to modify a model with PEFT for a second time. If you want to reload the model with a"
                            + " different config, make sure to remove the adapters before; to use several, add them to one PeftModel.");
        }
    }

    /** What the user called the base model, or null. */
    static @Nullable String baseName(Model<?> model) {
        ModelOrigin origin = model.origin();
        return origin == null ? null : origin.nameOrPath();
    }

    public void add(PeftConfig config, AttachContext context) {
        adapters.requireNew(context.adapterName());
        @Nullable String now = baseName(model);
        String before = config.common().baseModel();
        if (now != null && before != null && !now.equals(before)) {
            LOG.warn(
                    "The PEFT config's `base_model_name_or_path` was renamed from '{}' to '{}'. Please ensure that the"
                            + " correct base model is loaded when loading this checkpoint.",
                    Printable.excerpt(before),
                    now);
        }
        PeftConfig named =
                now == null ? config : config.withCommon(config.common().withBaseModel(now));
        if (named.common().ofModel()) {
            named = named.withCommon(named.common().withTaskType(TaskType.of(model.head())));
        }
        PeftConfig settled = withHead(named);
        adapters.adding(context.adapterName(), () -> adapters.hold(attachNew(settled, context)));
    }

    /** Adds a new adapter, the first, and makes it trainable; or takes it out again if it has nothing to train. */
    public void addTrainable(PeftConfig config, AttachContext context) {
        add(config, context);
        boolean complete = false;
        try {
            new Trainability(model, adapters).set(List.of(context.adapterName()));
            complete = true;
        } finally {
            if (!complete) {
                adapters.deleteAll();
            }
        }
    }

    /** The config of a task for which Hugging Face PEFT trains and saves the head too, with the head among its modules to save. */
    private PeftConfig withHead(PeftConfig config) {
        TaskType task = config.common().taskType();
        return task == null
                ? config
                : ModulesToSave.withHeads(config, methods.byType(config.peftType()), task.trainedHeads());
    }

    /** What is done with an adapter after it was attached and before it is held. */
    interface Filling<E extends Exception> {
        void fill(Adapter adapter) throws E;
    }

    /** Adds a new adapter with values of its own. */
    public void add(PeftConfig config, AttachContext context, Filling<RuntimeException> filling) {
        adapters.adding(
                context.adapterName(),
                () -> hold(attachNew(config, context), held -> {
                    filling.fill(held.adapter());
                    held.adapter().afterLoad();
                }));
    }

    private interface Completing<E extends Exception> {
        void complete(HeldAdapter held) throws E;
    }

    private <E extends Exception> void hold(HeldAdapter held, Completing<E> completing) throws E {
        boolean complete = false;
        try {
            completing.complete(held);
            adapters.hold(held);
            complete = true;
        } finally {
            if (!complete) {
                held.remove();
            }
        }
    }

    /** Puts an adapter into the model; it is not in the list yet. */
    private HeldAdapter attach(
            PeftConfig config, AttachContext context, CarriedWeights carried, @Nullable Path folder) {
        boolean attached = false;
        try {
            Adapter adapter = attach(methods.byType(config.peftType()), config, context);
            attached = true;
            return adapters.justAttached(context.adapterName(), adapter, carried, folder);
        } finally {
            if (!attached) {
                carried.remove();
            }
        }
    }

    @SuppressWarnings("unchecked")
    private <C extends PeftConfig> Adapter attach(PeftMethod<C> method, PeftConfig config, AttachContext context) {
        TaskType.requireServed(config.common().taskType(), model);
        return method.attach(model, (C) config, context);
    }

    public void load(Path directory, String name) throws IOException {
        AttachContext context = new AttachContext(name, 0, false);
        adapters.requireNew(name);
        try (SavedAdapter saved = AdapterStore.open(directory, methods)) {
            try {
                adapters.adding(name, () -> hold(attachSaved(saved, context), held -> read(saved, held)));
            } catch (IllegalArgumentException | UnsupportedOperationException e) {
                String madeFor = saved.config().common().baseModel();
                throw new CheckpointException(
                        "the adapter in " + directory
                                + (madeFor == null ? "" : ", made for " + Printable.excerpt(madeFor) + ",")
                                + " does not fit this " + model.anatomy().className() + ": " + e.getMessage(),
                        e);
            }
        }
    }

    /** Puts a saved adapter into the model without its values, over tables of the vocabulary that its file has. */
    private HeldAdapter attachSaved(SavedAdapter saved, AttachContext context) throws CheckpointException {
        CarriedWeights carried = new CarriedWeights(model);
        carried.resize(saved);
        return attach(withHead(named(saved)), context, carried, saved.directory());
    }

    /** Puts a new adapter into the model, over tables with rows for the tokens that it adds. */
    private HeldAdapter attachNew(PeftConfig config, AttachContext context) {
        CarriedWeights carried = new CarriedWeights(model);
        carried.resize(config);
        return attach(config, context, carried, null);
    }

    /** A saved config, with the base model's name if it lacks one. */
    private PeftConfig named(SavedAdapter saved) {
        PeftConfig config = saved.config();
        @Nullable String madeFor = config.common().baseModel();
        @Nullable String now = baseName(model);
        if (madeFor != null && now != null && !madeFor.equals(now)) {
            LOG.warn(
                    "the adapter in {} was made for the base model '{}', and is put on '{}'",
                    saved.directory(),
                    Printable.excerpt(madeFor),
                    now);
        }
        return madeFor == null ? config.withCommon(config.common().withBaseModel(now)) : config;
    }

    private void read(SavedAdapter saved, HeldAdapter held) throws CheckpointException {
        Adapter adapter = held.adapter();
        Map<String, Weight> parameters = adapter.parameters();
        BaseWeights base = BaseWeights.of(model, held);
        MatchedNames matched = saved.check(held.name(), parameters, adapter.aliases(), base);
        held.carried()
                .load(saved.weights(), matched.others(), base, held.copies().keySet(), adapter.takesFromBase());
        saved.assign(matched, parameters);
        Optional<Adapter.Sidecar> sidecar = adapter.sidecar();
        if (sidecar.isPresent() && !saved.loadSidecar(sidecar.get())) {
            adapter.besideIsMissing();
        }
        adapter.afterLoad();
    }

    /** Exchanges an adapter's values for those of a saved one. */
    public void swap(Path directory, String name) throws IOException {
        try (Lease change = adapters.changing(adapters.get(name))) {
            swap(directory, adapters.get(name));
        }
    }

    private void swap(Path directory, HeldAdapter held) throws IOException {
        String name = held.name();
        String type = held.adapter().config().peftType();
        Swappable swappable = held.adapter()
                .swappable()
                .orElseThrow(() -> new UnsupportedOperationException("adapter '" + name + "' of type " + type
                        + " cannot be hot-swapped: delete it and load the other"));
        if (held.isMerged()) {
            throw new IllegalStateException("Cannot hot-swap adapter '" + name + "' because it is currently merged into"
                    + " the base weights. Please unmerge the adapter first by calling unmerge().");
        }
        try (SavedAdapter saved = AdapterStore.open(directory, methods)) {
            if (!saved.config().peftType().equals(type)) {
                throw new CheckpointException("Incompatible PEFT types found: " + type + " and "
                        + saved.config().peftType() + " (" + directory + ")");
            }
            requireServed(saved);
            swappable.swap(saved, tensors(saved, held));
        }
    }

    private void requireServed(SavedAdapter saved) throws CheckpointException {
        try {
            TaskType.requireServed(saved.config().common().taskType(), model);
        } catch (IllegalArgumentException e) {
            throw new CheckpointException(e.getMessage() + " (" + saved.directory() + ")", e);
        }
    }

    /** Names in a file by an adapter's keys. */
    private Map<String, String> tensors(SavedAdapter saved, HeldAdapter held) throws CheckpointException {
        BaseWeights base = BaseWeights.of(model);
        MatchedNames matched = MatchedNames.of(
                saved.weights().names(),
                held.adapter().parameters().keySet(),
                held.adapter().aliases(),
                held.name(),
                base);
        List<String> unexpected = new ArrayList<>(matched.unexpected());
        for (String name : matched.others()) {
            if (!held.carried().holds(saved.weights(), name, Objects.requireNonNull(base.find(name)))) {
                unexpected.add(name);
            }
        }
        List<String> problems = new ArrayList<>(matched.problems());
        if (!unexpected.isEmpty()) {
            problems.add("unexpected keys found: " + String.join(", ", unexpected));
        }
        if (!problems.isEmpty()) {
            throw new CheckpointException("Hot swapping the adapter did not succeed, " + String.join("; ", problems)
                    + " (" + saved.directory() + ")");
        }
        return matched.names();
    }

    public void loadAll(Path directory) throws IOException {
        Map<String, Path> folders = AdapterStore.folders(directory);
        if (folders.isEmpty()) {
            throw new CheckpointException("no adapter in " + directory + ": expected " + AdapterStore.CONFIG
                    + " there or in a folder within");
        }
        boolean complete = false;
        try {
            for (Map.Entry<String, Path> entry : folders.entrySet()) {
                load(entry.getValue(), entry.getKey());
            }
            complete = true;
        } finally {
            if (!complete) {
                adapters.deleteAll();
            }
        }
    }
}
