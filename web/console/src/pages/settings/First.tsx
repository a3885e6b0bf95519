/** Settings begin with the site. */

import { Navigate } from "@tanstack/react-router";
import { useProject } from "@/shell/session";

export default function First() {
  return <Navigate to={`/p/${useProject().id}/settings/site`} replace />;
}
