/** Every content table. */

import { Button } from "@mantine/core";
import { IconPlus, IconTable } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { tables as allTables } from "@/api/asked";
import { Page } from "@/parts/Page";
import { EmptyState, Loaded } from "@/parts/states";
import { useMay, useProject } from "@/shell/session";
import { useFormats } from "@/words/format";
import { useWords } from "@/words/words";
import styles from "./segments.module.css";
import { words } from "./words";

export default function Tables() {
  const all = useWords(words);
  const say = all.tables;
  const project = useProject();
  const format = useFormats();
  const may = useMay("edit");
  const query = useQuery(allTables(project.id));
  const create = (
    <Button component={Link} to={`/p/${project.id}/tables/new`} leftSection={<IconPlus size={16} stroke={1.8} />}>
      {say.create}
    </Button>
  );
  return (
    <Page title={say.title} lead={say.lead} actions={may && create}>
      <Loaded query={query}>
        {(tables) =>
          tables.length ? (
            <ul className={styles.list}>
              {tables.map((table) => (
                <li key={table.id}>
                  <Link to={`/p/${project.id}/tables/${table.id}`} className={styles.item}>
                    <span className={styles.itemName}>{table.id}</span>
                    <span className={styles.itemSays}>{table.columns.join(", ")}</span>
                    <span className={styles.itemUsed}>
                      {table.used_by ? all.usedIn(format.number(table.used_by)) : all.unused}
                    </span>
                    <span className={styles.itemSize}>
                      <b>{format.number(table.rows)}</b>
                      <small>{say.columns.rows}</small>
                    </span>
                  </Link>
                </li>
              ))}
            </ul>
          ) : (
            <EmptyState icon={<IconTable size={32} stroke={1.4} />} title={say.none} action={may && create}>
              {say.teach}
            </EmptyState>
          )
        }
      </Loaded>
    </Page>
  );
}
